namespace Millrace;

/// <summary>Thrown when a tuning run is requested while another one runs on any node of the application.</summary>
public sealed class TuningBusyException()
    : MillraceException("Another tuning run measures on a node of this application. Wait until it has ended.")
{
    /// <inheritdoc/>
    public override bool IsTransient => true;
}
