using System.Collections.Frozen;

namespace Millrace.Messaging;

/// <summary>
/// Where answers may go. A request says itself where it wants its answer, and may be anybody's: who answered everywhere
/// would write for any sender to destinations of any name, and to those whose messages somebody acts on.
/// </summary>
internal sealed class ReplyDestinations
{
    private const char AnyEnd = '*';

    private readonly FrozenSet<string> _names;
    private readonly string[] _beginnings;

    /// <param name="others">Beside where Millrace has its own requests answered: as
    /// <see cref="TransportOptions.AnswersTo"/> has them.</param>
    public ReplyDestinations(IReadOnlyList<string> others)
    {
        _names = others
            .Where(static one => !one.EndsWith(AnyEnd))
            .Append(RequestReplyChannel.Destination)
            .ToFrozenSet(StringComparer.Ordinal);
        _beginnings = [.. others.Where(static one => one.EndsWith(AnyEnd)).Select(static one => one[..^1])];
    }

    /// <summary>Whether one of <see cref="TransportOptions.AnswersTo"/> can be had. A <c>*</c> alone would allow
    /// everything.</summary>
    public static bool CanBe(string other) => PublishRoute.IsAllowed(other.EndsWith(AnyEnd) ? other[..^1] : other);

    public bool Allows(string destination) =>
        _names.Contains(destination)
        || (PublishRoute.IsAllowed(destination)
            && Array.Exists(_beginnings, beginning => destination.StartsWith(beginning, StringComparison.Ordinal)));
}
