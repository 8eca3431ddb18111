using Millrace.Storage;

namespace Millrace.Cli.Output;

/// <summary>Shows the progress of a move, with speed and remaining time for each phase.</summary>
internal sealed class MoveProgress(ToolInvocation call) : IProgress<MaintenanceProgress>, IDisposable
{
    private ProgressIndicator? _line;
    private string _step = "";

    public void Report(MaintenanceProgress value)
    {
        if (value.Step != _step)
        {
            _line?.Dispose();
            (_line, _step) = (new ProgressIndicator(call), value.Step);
        }
        _line?.Show(value.Step, value.Done, value.Total);
    }

    public void Dispose() => _line?.Dispose();
}
