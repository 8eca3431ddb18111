namespace Millrace;

/// <summary>The kind of a fault.</summary>
public enum RecoveryCause
{
    /// <summary>A part of the application does not work, such as a consumer that has stopped, or the store.</summary>
    ServiceUnavailable,

    /// <summary>Stored data is damaged.</summary>
    DataCorruption,

    /// <summary>The application works, but is slow or close to a limit.</summary>
    PerformanceDegradation,

    /// <summary>Another service, such as a broker, cannot be reached.</summary>
    NetworkTrouble,
}
