using System.Collections.Concurrent;
using Millrace.Protection;

namespace Millrace.Messaging.Requesting;

/// <summary>
/// Logs the first request of each type whose marked values are plain, because its sender does not encrypt them.
/// </summary>
internal sealed class PlainRequestReporter(TransportRuntime transport, string receiver)
{
    private readonly ConcurrentDictionary<string, bool> _reported = new(StringComparer.Ordinal);

    /// <param name="received">The request as it was received.</param>
    /// <param name="body">The body of the request, which is JSON.</param>
    /// <param name="marks">The marked members of the request; null if there are none.</param>
    public void Inspect(Message received, ReadOnlyMemory<byte> body, MarkNode? marks)
    {
        if (marks is null
            || !transport.EncryptsValues
            || MessageProtection.HasEncryptedValues(received)
            || _reported.ContainsKey(received.Type))
            return;
        if (HasValues(body, marks, received.Type) && _reported.TryAdd(received.Type, true))
            transport.NotePlainRequest(receiver, received);
    }

    private static bool HasValues(ReadOnlyMemory<byte> body, MarkNode marks, string type)
    {
        try
        {
            return MarkedValueLocator.Find(body.Span, marks, null, type).Count > 0;
        }
        catch (ProtectedValueException)
        {
            return true; // There is a value, and the id of its subject is missing.
        }
    }
}
