using System.Security.Cryptography;
using System.Text;

namespace Millrace.Messaging;

/// <summary>By what a message is known that comes again: its receiver, id, source and subject.</summary>
/// <remarks>
/// The id alone is not enough: ids of events are unique in their stream. But it comes first: most ids begin with the time, so that what is
/// noted together lies together in the store, on few pages of its index.
/// </remarks>
internal readonly record struct InboxId
{
    private InboxId(string text) => Text = text;

    /// <summary>At most 256 characters.</summary>
    public string Text { get; }

    public static InboxId Of(string receiver, Message message, int part = 0)
    {
        // A line feed parts them: where one is inside, or there are too many characters, the digest tells them apart.
        var parts = new[] { receiver, message.Id, message.Source, message.Subject ?? "" };
        var text = string.Join('\n', parts);
        var isPlain = text.Length <= 200 && !text.Contains('\0', StringComparison.Ordinal) && text.AsSpan().Count('\n') == parts.Length - 1;
        var id = isPlain ? text : $"{receiver}\n{Digest(parts)}";
        return new InboxId(part == 0 ? id : $"{id}\n#{part}");
    }

    private static string Digest(string[] parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
