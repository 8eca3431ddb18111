namespace Millrace.Retention;

/// <summary>The data to which a policy applies, from the least to the most specific.</summary>
internal enum RetentionTarget
{
    AllStreams,
    Category,
    EventType,
}
