using Millrace.Storage;

namespace Millrace.Cli.Output;

/// <summary>Shows the progress of a move, with speed and remaining time for each phase.</summary>
internal sealed class MoveProgress(ToolInvocation call) : IProgress<MaintenanceProgress>, IDisposable
{
    private ProgressIndicator? _line;
    private string _what = "";

    public void Report(MaintenanceProgress value)
    {
        if (value.What != _what)
        {
            _line?.Dispose();
            (_line, _what) = (new ProgressIndicator(call), value.What);
        }
        _line?.Show(value.What, value.Done, value.Total);
    }

    public void Dispose() => _line?.Dispose();
}
