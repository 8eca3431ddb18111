namespace Millrace.Consuming.Retries;

/// <summary>
/// An error whose dead letter has its own key, so that later events of the event's key do not wait behind it.
/// </summary>
internal interface IDeadLetterKeyProvider
{
    /// <summary>The key of the dead letter; null for the key of the event.</summary>
    string? DeadLetterKey { get; }
}
