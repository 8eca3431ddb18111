namespace Millrace;

/// <summary>No more events may wait: the consumer stops before the next one, until somebody decides about the dead letters.</summary>
internal sealed class KeyLineFullException(string message) : MillraceException(message);
