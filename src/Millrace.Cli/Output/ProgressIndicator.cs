using System.Globalization;
using Millrace.Storage;

namespace Millrace.Cli.Output;

/// <summary>Shows progress in one line on standard error. Shows nothing without a terminal.</summary>
internal sealed class ProgressIndicator(ToolInvocation call) : IProgress<MaintenanceProgress>, IDisposable
{
    private const int BarWidth = 24;
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(100);

    private readonly long _started = call.Time.GetTimestamp();
    private long _shownAt;
    private long? _doneAtStart;
    private int _width;

    /// <summary>Shows the progress of a maintenance operation, at most ten times a second.</summary>
    public void Report(MaintenanceProgress value) => Show(value.Step, value.Done, value.Total);

    /// <summary>Shows the progress, at most ten times a second.</summary>
    public void Show(string activity, long done, long total)
    {
        if (!call.IsInteractive || (_shownAt != 0 && call.Time.GetElapsedTime(_shownAt) < MinInterval && done < total))
            return;
        _shownAt = call.Time.GetTimestamp();
        var seconds = Math.Max(0.001, call.Time.GetElapsedTime(_started).TotalSeconds);
        _doneAtStart ??= done; // A continued operation has done a part of the work before this run.
        var speed = (done - _doneAtStart.Value) / seconds;
        var share = total > 0 ? Math.Clamp((double)done / total, 0, 1) : 0;
        var filled = (int)(share * BarWidth);
        var bar = new string('#', filled) + new string('.', BarWidth - filled);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"[{bar}] {activity} {done:N0} of {total:N0} "
                + $"({share:P0}, {speed:N0}/s{RemainingTime(total - done, speed)})");
        Console.Error.Write("\r" + text.PadRight(_width));
        _width = text.Length;
    }

    private static string RemainingTime(long remaining, double speed) => remaining <= 0 || speed < 1
        ? ""
        : string.Create(
            CultureInfo.InvariantCulture, $", {TimeSpan.FromSeconds(Math.Ceiling(remaining / speed)):c} left");

    public void Dispose()
    {
        if (_width > 0)
            Console.Error.Write("\r" + new string(' ', _width) + "\r");
    }
}
