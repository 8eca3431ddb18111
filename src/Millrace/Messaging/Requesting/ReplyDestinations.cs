using System.Collections.Frozen;

namespace Millrace.Messaging.Requesting;

/// <summary>
/// The destinations to which answers may be sent. Each request names its reply destination, and any client can send
/// requests. Without this list, a client could cause answers to be written to any destination, even if messages there
/// trigger actions.
/// </summary>
internal sealed class ReplyDestinations
{
    private const char Wildcard = '*';

    private readonly FrozenSet<string> _names;
    private readonly string[] _prefixes;

    /// <param name="others">The destinations that are allowed in addition to <c>millrace.replies</c>, in the format of
    /// <see cref="TransportOptions.AnswersTo"/>.</param>
    public ReplyDestinations(IReadOnlyList<string> others)
    {
        _names = others
            .Where(static one => !one.EndsWith(Wildcard))
            .Append(RequestReplyChannel.Destination)
            .ToFrozenSet(StringComparer.Ordinal);
        _prefixes = [.. others.Where(static one => one.EndsWith(Wildcard)).Select(static one => one[..^1])];
    }

    /// <summary>
    /// Returns true if a value is valid in <see cref="TransportOptions.AnswersTo"/>. A <c>*</c> alone is not valid,
    /// because it would allow every destination.
    /// </summary>
    public static bool IsValid(string other) => PublishRoute.IsAllowed(other.EndsWith(Wildcard) ? other[..^1] : other);

    public bool Allows(string destination) =>
        _names.Contains(destination)
        || (PublishRoute.IsAllowed(destination)
            && Array.Exists(_prefixes, prefix => destination.StartsWith(prefix, StringComparison.Ordinal)));
}
