using System.Collections.Frozen;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>
/// Refuses events that would be stored plain although their types have marked members, in a program without the keys,
/// such as the command-line tool.
/// </summary>
/// <param name="types">The stored names of the types with marked members.</param>
internal sealed class PlainAppendGuard(FrozenSet<string> types)
{
    /// <exception cref="ProtectedValueException">An event would be stored plain.</exception>
    public void Check(CommitRequest request)
    {
        foreach (var append in request.Appends)
        {
            foreach (var encoded in append.Events)
            {
                if (encoded.EncryptionKeyId is null && (types.Contains(encoded.Type) || HasPlainPlatformValue(encoded)))
                    throw new ProtectedValueException(
                        encoded.Type,
                        "the store encrypts members of this type, and this program has no keys. Append the event "
                            + "through the application.");
            }
        }
    }

    /// <summary>
    /// Returns whether an event that Millrace writes, such as the edit of a timer, has a plain value at a marked
    /// member. A value that was read from the store is encrypted already.
    /// </summary>
    private static bool HasPlainPlatformValue(EncodedEvent encoded)
    {
        if (!PlatformEvents.IsReserved(encoded.Type)
            || StoreProtection.WithoutKeys.Model.OfEvent(encoded.Type) is not { } marks)
            return false;
        foreach (var value in MarkedValueLocator.Find(encoded.Payload.Span, marks, null, encoded.Type))
        {
            var json = encoded.Payload.Span.Slice(value.Start, value.Length);
            if (json[0] != (byte)'"' || CipherText.TryParse(json[1..^1]) is null)
                return true;
        }
        return false;
    }
}
