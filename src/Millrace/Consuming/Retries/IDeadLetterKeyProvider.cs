namespace Millrace.Consuming.Retries;

/// <summary>
/// An error whose dead letter has its own key. Later events with the key of the event do not wait for this dead letter.
/// </summary>
internal interface IDeadLetterKeyProvider
{
    /// <summary>Gets the key of the dead letter, or null for the key of the event.</summary>
    string? DeadLetterKey { get; }
}
