namespace Millrace;

/// <summary>Specifies how far a tuning run is.</summary>
public enum TuningState
{
    /// <summary>The run measures. The settings of the application change for short intervals.</summary>
    Running,

    /// <summary>The run has ended, and its report is complete.</summary>
    Completed,

    /// <summary>There was too little load to measure.</summary>
    NoLoad,

    /// <summary>The run failed. The settings of the application are restored.</summary>
    Failed,

    /// <summary>
    /// The run ended early: it was cancelled or took too long, its node stopped, or its consumer was paused or failed.
    /// Its changed settings ended with it.
    /// </summary>
    Interrupted,
}
