using Millrace.Storage;

namespace Millrace.Cli.Output;

/// <summary>Shows the progress of a move, with speed and remaining time for each phase.</summary>
internal sealed class MoveProgress(ToolInvocation call) : IProgress<MaintenanceProgress>, IDisposable
{
    private ProgressIndicator? _indicator;
    private string _step = "";

    public void Report(MaintenanceProgress value)
    {
        if (value.Step != _step)
        {
            _indicator?.Dispose();
            (_indicator, _step) = (new ProgressIndicator(call), value.Step);
        }
        _indicator?.Show(value.Step, value.Done, value.Total);
    }

    public void Dispose() => _indicator?.Dispose();
}
