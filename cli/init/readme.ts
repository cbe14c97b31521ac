/** What is in the folder that init wrote, for who opens it next. @param data path of the file, from that folder */
export const readme = (model: string, data: string, notes: readonly string[]): string => `# ${model}

Drafted from \`${data}\` by \`launchway init\`. What it found, and decided:

${notes.map((note) => `- ${note}`).join('\n')}

Read \`model.yaml\` before you trust it: is every feature known before the answer is? Is the answer what you think? Add a
\`description\` for those who will approve it.

## From here

\`\`\`sh
# what is wrong with model.yaml, every default, what it will cost
launchway check .
# trains and scores it on this machine, in your own Python, in a minute
launchway try . --data ${data}
# trains and validates in the cloud, and asks nobody; then how it was judged
launchway train . --data ${data}
launchway report ${model}/1 --open
# asks for approval; launchway submit does all of it at once
launchway propose ${model}/1
\`\`\`

\`launchway try\` needs a Python with scikit-learn 1.2 or later:

\`\`\`sh
python3 -m venv .venv && . .venv/bin/activate && pip install 'scikit-learn>=1.2' joblib numpy
\`\`\`

## src/train.py

A linear model over scaled numbers and one-hot categories: a first version to be better than. \`build_pipeline\` is the place for
another model. It runs in SageMaker's scikit-learn 1.2 image, without a network:

| | |
|---|---|
| gets | \`train/train.csv\` (header, features in declared order, the answer last), \`schema/schema.json\`, hyperparameters as \`--c 0.1\` |
| must write | the model, encoder included, and itself as \`code/train.py\`, to \`SM_MODEL_DIR\` |
| is asked | rows of raw strings in declared order, without a header |
| must answer | a line per row: the score, or a probability per class |

What else it imports goes into \`src/requirements.txt\`, packed as wheels. What it writes to \`metrics.json\` in \`SM_MODEL_DIR\` can be gated
as \`custom:NAME\`.
`;
