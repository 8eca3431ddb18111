using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Storage.InMemory;

namespace Millrace.Tests.Auditing;

/// <summary>Tests that commands leave an entry when their client has left or the audit trail fails.</summary>
public sealed class CommandAuditTests : IDisposable
{
    private readonly RecordedLog _log = new();
    private readonly FaultyStorage _storage = new(new InMemoryStorage());
    private readonly CancellationTokenSource _client = new();
    private Action _act = static () => { };
    private bool _isDenied;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_cancelled_command_is_recorded_as_failed()
    {
        using var host = await Start();
        _act = () =>
        {
            _client.Cancel();
            _client.Token.ThrowIfCancellationRequested();
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Send(host));

        var entry = await SingleEntry(host);
        Assert.Equal((AuditResult.Failed, "cancelled"), (entry.Result, entry.Reason));
    }

    [Fact]
    public async Task A_denied_command_is_recorded_after_its_client_left()
    {
        using var host = await Start();
        _isDenied = true;

        await Assert.ThrowsAsync<AccessDeniedException>(() => Send(host));

        var entry = await SingleEntry(host);
        Assert.True(_client.IsCancellationRequested);
        Assert.Equal((AuditResult.Denied, "captains only"), (entry.Result, entry.Reason));
    }

    [Fact]
    public async Task A_failed_entry_does_not_replace_the_failure_of_the_command()
    {
        using var host = await Start();
        _act = () =>
        {
            _storage.FaultOf = static _ => CommitFault.Refused;
            throw new TimeoutException("The dock does not answer.");
        };

        var failure = await Assert.ThrowsAsync<TimeoutException>(() => Send(host));

        Assert.Equal("The dock does not answer.", failure.Message);
        Assert.Contains(_log.Entries, entry => entry is { Level: LogLevel.Error, Id: 14002 });
    }

    private async Task<IHost> Start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<ILoggerFactory>(_log);
        builder.Services.AddSingleton<IAuthorizer>(new Captains(this));
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => _storage)
            .AddAudit(static audit => audit.RecordsConfiguration = false)
            .AddModel(model => model.Command(new CommandDefinition<Dock, Nothing>("dock", (_, _, _) =>
            {
                _act();
                return new(default(Nothing));
            }))));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private async Task Send(IHost host) =>
        await host.Services.GetRequiredService<ICommandBus>().Send(new Dock(), _client.Token);

    private static async Task<AuditEntry> SingleEntry(IHost host) =>
        await host.Services.GetRequiredService<IAuditTrail>().Read(new AuditQuery()).SingleAsync();

    private sealed record Dock : ICommand;

    private sealed class Captains(CommandAuditTests test) : IAuthorizer
    {
        public ValueTask<AccessDecision> Decide(AccessRequest request, CancellationToken cancellationToken)
        {
            if (!test._isDenied)
                return new(AccessDecision.Allowed);
            test._client.Cancel();
            return new(AccessDecision.Denied("captains only"));
        }
    }
}
