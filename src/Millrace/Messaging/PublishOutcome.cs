namespace Millrace.Messaging;

/// <summary>The outcome of publishing one message. The default value means that the outcome is unknown.</summary>
public readonly record struct PublishOutcome
{
    private PublishOutcome(PublishResult result, string? problem)
    {
        Result = result;
        Problem = problem;
    }

    /// <summary>
    /// Gets the outcome of a message that the broker accepted: it is as durable as the broker guarantees.
    /// </summary>
    public static PublishOutcome Confirmed { get; } = new(PublishResult.Confirmed, null);

    /// <summary>Gets the result.</summary>
    public PublishResult Result { get; }

    /// <summary>Gets why it was not confirmed; null if it was.</summary>
    public string? Problem { get; }

    /// <summary>Gets whether the broker accepted it.</summary>
    public bool IsConfirmed => Result == PublishResult.Confirmed;

    /// <summary>
    /// Creates the outcome of a message that would reach no receiver: the broker has no queue for it, and has not kept
    /// it.
    /// </summary>
    public static PublishOutcome Unroutable(string problem) => new(PublishResult.Unroutable, problem);

    /// <summary>
    /// Creates the outcome of a message that the broker will never accept unchanged: it is too large or not valid.
    /// </summary>
    public static PublishOutcome Refused(string problem) => new(PublishResult.Refused, problem);

    /// <summary>Creates the outcome of a message that is unknown or temporarily refused: publish it again.</summary>
    public static PublishOutcome Unconfirmed(string problem) => new(PublishResult.Unconfirmed, problem);
}

/// <summary>The possible results of publishing a message.</summary>
public enum PublishResult
{
    /// <summary>
    /// It is unknown whether the broker has the message, or the broker refused it temporarily: publish it again.
    /// </summary>
    Unconfirmed,

    /// <summary>The broker accepted the message.</summary>
    Confirmed,

    /// <summary>The message would reach no receiver, and the broker has not kept it.</summary>
    Unroutable,

    /// <summary>The broker will never accept the message unchanged.</summary>
    Refused,
}
