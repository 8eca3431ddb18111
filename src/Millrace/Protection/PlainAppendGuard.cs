using System.Collections.Frozen;
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
                if (encoded.EncryptionKeyId is null && types.Contains(encoded.Type))
                    throw new ProtectedValueException(
                        encoded.Type,
                        "the store encrypts members of this type, and this program has no keys. Append the event "
                            + "through the application.");
            }
        }
    }
}
