using System.Buffers;
using Millrace.Protection;

namespace Millrace.KeyManagement;

/// <summary>Encrypts the values of replaced keys in stored rows with the current keys of their owners.</summary>
internal sealed class PayloadReencryptor(KeyRing keys, ReplacedKeys replaced)
{
    /// <summary>
    /// Returns the bytes with values of the current keys; null if no value can be encrypted again. A value of an erased
    /// data subject and a text that only looks like an encrypted value stay as they are.
    /// </summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<byte[]?> Reencrypt(StoredRow row, CancellationToken cancellationToken)
    {
        var output = new ArrayBufferWriter<byte>(row.Body.Length);
        var copied = 0;
        foreach (var value in row.Values)
        {
            if (replaced.Find(value.Text.KeyId) is not { } record
                || await Reencrypt(value, record, row, cancellationToken).ConfigureAwait(false) is not { } again)
                continue;
            output.Write(row.Body.Span[copied..value.Start]);
            var isText = value.Path.Length > 0; // A row that is encrypted as a whole has no quotes.
            if (isText)
                output.Write("\""u8);
            CipherText.Write(output, again.KeyId, again.Data.Span, again.ErasedJson);
            if (isText)
                output.Write("\""u8);
            copied = value.Start + value.Length;
        }
        if (copied == 0)
            return null;
        output.Write(row.Body.Span[copied..]);
        return output.WrittenSpan.ToArray();
    }

    private async ValueTask<CipherText?> Reencrypt(
        EncryptedValue value, KeyRecord record, StoredRow row, CancellationToken cancellationToken)
    {
        var current = await keys.GetCurrent(record.Owner, cancellationToken).ConfigureAwait(false);
        if (current.IsDestroyed || current.Id == record.Id)
            return null;
        var former = keys.Find(record.Id);
        if (former is null && await keys.Load([record.Id], cancellationToken).ConfigureAwait(false) is [var loaded, ..])
            former = loaded;
        if (former is not { IsDestroyed: false })
            return null;
        var place = row.Place(record.Owner.Tenant);
        using var reader = former.CipherOf(place);
        if (reader.Decrypt(value.Text.Data.Span, value.Path, value.Text.ErasedJson) is not { } json)
            return null;
        using var writer = current.CipherOf(place);
        var data = writer.Encrypt(json.Span, value.Path, value.Text.ErasedJson);
        return new CipherText(current.Id, data, value.Text.ErasedJson);
    }
}
