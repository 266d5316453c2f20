// A partner that is libas2: `send` makes a message from stdin, `open` opens one. Files in argv, results as JSON.
const fs = require('fs')
const { AS2Composer, AS2Parser } = require('libas2')

const read = name => fs.readFileSync(name, 'utf8')

async function send ([cert, key, partner, signing, encryption, file]) {
  const composer = new AS2Composer({
    message: { filename: 'from-node.edi', contentType: 'application/EDI-X12', content: fs.readFileSync(file) },
    agreement: {
      host: { name: 'acme', id: 'acme', url: 'http://127.0.0.1/', certificate: read(cert), privateKey: read(key),
        sign: signing, mdn: { signing: 'sha-256' } },
      partner: { name: 'hub', id: 'hub', url: 'http://127.0.0.1/', file: 'EDIX12', certificate: read(partner),
        encrypt: encryption, verify: true }
    }
  })
  const { headers, body } = await composer.toRequestOptions()
  return { headers, body: Buffer.from(body, 'binary').toString('base64') }
}

async function open ([cert, key, partner, headers, body]) {
  const message = await AS2Parser.parse({ headers: JSON.parse(read(headers)), content: read(body) })
  const inner = await message.decrypt({ cert: read(cert), key: read(key) })
  const content = await inner.verify({ cert: read(partner) })
  if (content === undefined) throw new Error('the signature does not hold')
  return { filename: content.filename, content: Buffer.from(content.content).toString('base64') }
}

async function receipt ([partner, headers, body]) {
  const message = await AS2Parser.parse({ headers: JSON.parse(read(headers)), content: read(body) })
  const content = await message.verify({ cert: read(partner) })
  if (content === undefined) throw new Error('the signature does not hold')
  const told = await content.dispositionIn()
  return { disposition: told.notification.disposition, mic: told.notification.receivedContentMic,
    original: told.notification.originalMessageId }
}

const verbs = { send, open, receipt }
verbs[process.argv[2]](process.argv.slice(3)).then(
  result => process.stdout.write(JSON.stringify(result)),
  error => { process.stderr.write(String(error.stack)); process.exit(1) })
