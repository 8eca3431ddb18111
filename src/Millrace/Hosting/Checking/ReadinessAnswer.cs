namespace Millrace;

/// <summary>The answer to a question of the readiness check.</summary>
public enum ReadinessAnswer
{
    /// <summary>The application is ready in this respect.</summary>
    Yes,

    /// <summary>Something is missing or does not work.</summary>
    No,

    /// <summary>Something is missing, and the application accepts it (<see cref="ReadinessOptions.Accept"/>).</summary>
    Accepted,

    /// <summary>The application does not use the feature, and does not need it.</summary>
    NotUsed,

    /// <summary>The answer could not be found, for example because the store does not answer.</summary>
    Unknown,
}

/// <summary>The part of the readiness check to which a question belongs.</summary>
public enum ReadinessGroup
{
    /// <summary>The design of the application.</summary>
    Design,

    /// <summary>What the application implements and configures.</summary>
    Implementation,

    /// <summary>What operating the application needs.</summary>
    Operation,
}
