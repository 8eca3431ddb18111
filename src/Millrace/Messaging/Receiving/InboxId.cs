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
    private const int MostPlain = 197; // 200 with what parts them.

    private InboxId(string text) => Text = text;

    /// <summary>At most 256 characters.</summary>
    public string Text { get; }

    public static InboxId Of(string receiver, Message message, int part = 0)
    {
        var (id, source, subject) = (message.Id, message.Source, message.Subject ?? "");
        // A line feed parts them: where one is inside, or there are too many characters, the digest tells them apart.
        var isPlain = receiver.Length + id.Length + source.Length + subject.Length <= MostPlain
            && IsPlain(receiver) && IsPlain(id) && IsPlain(source) && IsPlain(subject);
        var text = isPlain ? $"{receiver}\n{id}\n{source}\n{subject}" : $"{receiver}\n{Digest(receiver, id, source, subject)}";
        return new InboxId(part == 0 ? text : $"{text}\n#{part}");
    }

    private static bool IsPlain(string part) => !part.AsSpan().ContainsAny('\n', '\0');

    private static string Digest(params ReadOnlySpan<string> parts)
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
