namespace Millrace.Messaging;

/// <summary>What became of one message that was published. The default value says that nothing is known.</summary>
public readonly record struct PublishOutcome
{
    private PublishOutcome(PublishResult result, string? problem) => (Result, Problem) = (result, problem);

    /// <summary>The broker has taken it over: it outlives the broker's end, as far as the broker promises.</summary>
    public static PublishOutcome Confirmed { get; } = new(PublishResult.Confirmed, null);

    /// <summary>What became of it.</summary>
    public PublishResult Result { get; }

    /// <summary>Why it was not confirmed, for people; null when it was.</summary>
    public string? Problem { get; }

    /// <summary>True when the broker has taken it over.</summary>
    public bool IsConfirmed => Result == PublishResult.Confirmed;

    /// <summary>Nobody would get it: the broker knows no queue for it, and has not kept it.</summary>
    public static PublishOutcome Unroutable(string problem) => new(PublishResult.Unroutable, problem);

    /// <summary>It will never be taken as it is: too large, or not to be written.</summary>
    public static PublishOutcome Refused(string problem) => new(PublishResult.Refused, problem);

    /// <summary>Whether the broker has it is not known, or it has not for the time being: publish it again.</summary>
    public static PublishOutcome Unconfirmed(string problem) => new(PublishResult.Unconfirmed, problem);
}

/// <summary>What may become of a message that is published.</summary>
public enum PublishResult
{
    /// <summary>Whether the broker has it is not known, or it has not for the time being: publish it again.</summary>
    Unconfirmed,

    /// <summary>The broker has taken it over.</summary>
    Confirmed,

    /// <summary>Nobody would get it, and the broker has not kept it.</summary>
    Unroutable,

    /// <summary>It will never be taken as it is.</summary>
    Refused,
}
