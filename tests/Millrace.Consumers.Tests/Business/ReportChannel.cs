namespace Millrace.Tests;

/// <summary>A channel that keeps the reports that it accepts.</summary>
internal sealed class ReportChannel(string name) : IReportChannel
{
    private readonly Lock _lock = new();
    private readonly List<ReportMessage> _reports = [];

    public string Name => name;

    /// <summary>Gets or sets whether the channel accepts nothing.</summary>
    public bool Fails { get; set; }

    /// <summary>Gets or sets an action that runs before the channel answers.</summary>
    public Action BeforeAnswer { get; set; } = static () => { };

    /// <summary>Gets the ids of all attempts.</summary>
    public List<string> Attempts { get; } = [];

    public IReadOnlyList<ReportMessage> Reports
    {
        get
        {
            lock (_lock)
                return [.. _reports];
        }
    }

    public Task Send(ReportMessage report, CancellationToken cancellationToken)
    {
        BeforeAnswer();
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Attempts.Add(report.Id);
            if (Fails)
                throw new IOException("The mail server is down.");
            _reports.Add(report);
        }
        return Task.CompletedTask;
    }

    public Task Send(AlertNotice notice, CancellationToken cancellationToken) => Task.CompletedTask;
}
