using System.Collections.Concurrent;
using Millrace.Protection;

namespace Millrace.Messaging.Requesting;

/// <summary>
/// Logs the first request of each type with a plain marked value, because its sender does not encrypt the member.
/// </summary>
internal sealed class PlainRequestReporter(TransportRuntime transport, string receiver)
{
    private const uint SampleInterval = 64;

    private readonly ConcurrentDictionary<string, bool> _reported = new(StringComparer.Ordinal);
    private uint _inspected;

    /// <param name="received">The request as it was received.</param>
    /// <param name="body">The decrypted body of the request, which is JSON.</param>
    /// <param name="marks">The marked members of the request; null if there are none.</param>
    public void Inspect(Message received, ReadOnlyMemory<byte> body, MarkNode? marks)
    {
        if (marks is null || !transport.EncryptsValues || _reported.ContainsKey(received.Type))
            return;
        var encrypted = MessageProtection.PathsOf(received);
        // A sender with a mark usually encrypts all of its values. Only a sample of such requests is read again.
        if (Interlocked.Increment(ref _inspected) % SampleInterval != 1 && HasAllMarks(encrypted, marks))
            return;
        if (HasPlainValue(body.Span, marks, encrypted, received.Type) && _reported.TryAdd(received.Type, true))
            transport.NotePlainRequest(receiver, received);
    }

    /// <summary>Returns whether each mark has an encrypted value.</summary>
    /// <param name="encrypted">The paths of the encrypted values.</param>
    /// <param name="marks">The marked members.</param>
    internal static bool HasAllMarks(IReadOnlyList<string> encrypted, MarkNode marks)
    {
        var missing = new HashSet<MarkNode>(marks.Marked());
        foreach (var path in encrypted)
        {
            if (marks.At(path) is { } node)
                missing.ExceptWith(node.Marked());
            if (missing.Count == 0)
                return true;
        }
        return false;
    }

    /// <summary>Returns whether a marked value was not encrypted.</summary>
    /// <param name="json">The decrypted request.</param>
    /// <param name="marks">The marked members.</param>
    /// <param name="encrypted">The paths of the values that were encrypted.</param>
    /// <param name="type">The name of the request.</param>
    internal static bool HasPlainValue(
        ReadOnlySpan<byte> json, MarkNode marks, IReadOnlyList<string> encrypted, string type)
    {
        var paths = new HashSet<string>(encrypted, StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var value in MarkedValueLocator.FindStored(json, marks, null, type))
        {
            // Values after an erasure are always plain.
            if (!IsInside(value.Path, paths) && !value.IsErased(json))
                return true;
        }
        return false;
    }

    /// <summary>Returns whether one of the paths leads to a value, or to one that contains it.</summary>
    private static bool IsInside(
        ReadOnlySpan<char> valuePath, HashSet<string>.AlternateLookup<ReadOnlySpan<char>> paths)
    {
        while (!paths.Contains(valuePath))
        {
            if (valuePath.IsEmpty)
                return false;
            valuePath = valuePath[..Math.Max(valuePath.LastIndexOf('/'), 0)];
        }
        return true;
    }
}
