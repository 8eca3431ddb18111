namespace Millrace.Notifications.Tests;

/// <summary>A channel that keeps its notices, and calls a function before it accepts one.</summary>
internal sealed class RecordingChannel(string name) : INotificationChannel
{
    private readonly Lock _lock = new();
    private readonly List<AlertNotice> _notices = [];

    public string Name => name;

    public Func<AlertNotice, CancellationToken, Task> OnSend { get; set; } = static (_, _) => Task.CompletedTask;

    public IReadOnlyList<AlertNotice> Notices
    {
        get
        {
            lock (_lock)
                return [.. _notices];
        }
    }

    /// <summary>Gets the kinds of all alerts in all notices, such as <c>Fired busy-1</c>.</summary>
    public IEnumerable<string> Items => Notices.SelectMany(notice => notice.Items)
        .Select(item => $"{item.Kind} {item.Alert}");

    public async Task Send(AlertNotice notice, CancellationToken cancellationToken)
    {
        lock (_lock)
            _notices.Add(notice);
        await OnSend(notice, cancellationToken);
    }
}
