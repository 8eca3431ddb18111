using System.Collections.Concurrent;
using Millrace.Protection;

namespace Millrace.Messaging.Requesting;

/// <summary>
/// Logs the first request of each type with a plain marked value, because its sender does not encrypt the member.
/// </summary>
internal sealed class PlainRequestReporter(TransportRuntime transport, string receiver)
{
    private readonly ConcurrentDictionary<string, bool> _reported = new(StringComparer.Ordinal);

    /// <param name="received">The request as it was received.</param>
    /// <param name="body">The decrypted body of the request, which is JSON.</param>
    /// <param name="marks">The marked members of the request; null if there are none.</param>
    public void Inspect(Message received, ReadOnlyMemory<byte> body, MarkNode? marks)
    {
        if (marks is null || !transport.EncryptsValues || _reported.ContainsKey(received.Type))
            return;
        if (HasPlainValue(received, body, marks) && _reported.TryAdd(received.Type, true))
            transport.NotePlainRequest(receiver, received);
    }

    private static bool HasPlainValue(Message received, ReadOnlyMemory<byte> body, MarkNode marks)
    {
        var encrypted = MessageProtection.PathsOf(received);
        // Values after an erasure are always plain.
        return MarkedValueLocator.FindStored(body.Span, marks, null, received.Type)
            .Any(value => !value.IsErased(body.Span) && !encrypted.Any(path => Contains(path, value.Path)));
    }

    /// <summary>Returns whether a path leads to a value, or to one that contains it.</summary>
    private static bool Contains(string path, string valuePath) =>
        valuePath.StartsWith(path, StringComparison.Ordinal)
        && (valuePath.Length == path.Length || valuePath[path.Length] == '/');
}
