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
    /// Gets the outcome of a message that the broker accepted. The message is as durable as the broker guarantees.
    /// </summary>
    public static PublishOutcome Confirmed { get; } = new(PublishResult.Confirmed, null);

    /// <summary>Gets the result.</summary>
    public PublishResult Result { get; }

    /// <summary>Gets the reason why the broker did not confirm the message; null if the broker confirmed it.</summary>
    public string? Problem { get; }

    /// <summary>Gets whether the broker accepted the message.</summary>
    public bool IsConfirmed => Result == PublishResult.Confirmed;

    /// <summary>
    /// Creates the outcome of a message that would reach no receiver, because the broker has no queue for it. The
    /// broker has not kept the message.
    /// </summary>
    public static PublishOutcome Unroutable(string problem) => new(PublishResult.Unroutable, problem);

    /// <summary>
    /// Creates the outcome of a message that the broker will never accept unchanged, because it is too large or not
    /// valid.
    /// </summary>
    public static PublishOutcome Refused(string problem) => new(PublishResult.Refused, problem);

    /// <summary>
    /// Creates the outcome of a message that the broker refused temporarily, or whose outcome is unknown. The caller
    /// publishes it again.
    /// </summary>
    public static PublishOutcome Unconfirmed(string problem) => new(PublishResult.Unconfirmed, problem);
}

/// <summary>The possible results of publishing a message.</summary>
public enum PublishResult
{
    /// <summary>
    /// It is unknown whether the broker has the message, or the broker refused it temporarily. The caller publishes it
    /// again.
    /// </summary>
    Unconfirmed,

    /// <summary>The broker accepted the message.</summary>
    Confirmed,

    /// <summary>The message would reach no receiver, and the broker has not kept it.</summary>
    Unroutable,

    /// <summary>The broker will never accept the message unchanged.</summary>
    Refused,
}
