using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// Refuses changes of streams that only Millrace may change: an application could otherwise forge rights, or declare
/// other marked members.
/// </summary>
internal static class ReservedStreams
{
    private const string Reason = "it is reserved for Millrace, which alone changes rights and marked members";

    private static readonly StreamId Access = new("$access");
    private static readonly StreamId Protection = new("$protection");

    /// <exception cref="InvalidNameException">The request appends to a reserved stream.</exception>
    public static void CheckStream(AppendRequest request, StreamId stream)
    {
        if (IsReserved(stream) && !request.CopiesReservedEvents)
            throw new InvalidNameException("stream name", stream.Value, Reason);
    }

    /// <exception cref="InvalidNameException">The request contains an event of a reserved type.</exception>
    public static void CheckType(AppendRequest request, string type)
    {
        if (type is PlatformEvents.AccessGranted or PlatformEvents.AccessRevoked or PlatformEvents.AccessDeclared
                or PlatformEvents.ProtectionDeclared
            && !request.CopiesReservedEvents)
            throw new InvalidNameException("event type", type, Reason);
    }

    /// <summary>Returns a removal with a reason and an expected version, whose stream is not reserved.</summary>
    public static StreamRemoval Checked(StreamRemoval removal) => IsReserved(removal.Stream)
        ? throw new InvalidNameException("stream name", removal.Stream.Value, Reason)
        : removal.Checked();

    private static bool IsReserved(StreamId stream) => stream == Access || stream == Protection;
}
