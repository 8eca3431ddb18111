namespace Millrace.Security;

/// <summary>Thrown when an event may restrict access, and this version cannot read it. No access is allowed.</summary>
internal sealed class UnreadableAccessEventException(RecordedEvent recorded)
    : MillraceException(
        $"Access cannot be decided: the event '{recorded.Type}' at position {recorded.Position} of the stream "
        + $"'{recorded.Stream}' cannot be read. A later version of Millrace may have written it: use this version.");
