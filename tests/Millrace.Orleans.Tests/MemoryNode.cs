using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Orleans.Hosting;

namespace Millrace.Orleans.Tests;

/// <summary>
/// A node in this process with its own store in memory. A routed command has its own scope, also on the same node.
/// </summary>
public sealed class MemoryNode : IAsyncLifetime
{
    private readonly IHost _host;

    public MemoryNode()
        : this(null, null)
    {
    }

    /// <param name="first">The first node of the cluster; null if it is this node.</param>
    /// <param name="storage">The storage; null for an own one.</param>
    /// <param name="configure">Sets further options.</param>
    internal MemoryNode(MemoryNode? first, IStorage? storage, Action<OrleansOptions>? configure = null)
    {
        Port = FreePorts.Take();
        var primary = first is null ? null : new IPEndPoint(IPAddress.Loopback, first.Port);
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(new NodeName($"{Port}"));
        builder.Services.AddScoped<SenderScope>();
        builder.Services.AddSingleton(Handled);
        builder.Services.AddKeyedSingleton<IRequestUser>(IRequestUser.InContext, Request);
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => storage ?? new InMemoryStorage())
            .AddModel<Accounts>()
            .AddModel<Corrections>()
            .AddAccessControl(access => access
                .Role("teller", role => role
                    .MaySend<Transfer>()
                    .MaySend<Inspect>()
                    .MaySend<Upload>()
                    .MaySend<Download>()
                    .MaySend<Charge>()
                    .MaySend<Leave>()
                    .MaySend<Hold>()
                    .MayAsk<FindOwner>()
                    .MayView<Owner>(without: [nameof(Owner.Email)]))
                .Role(BankNode.Clerk, role => role.Includes("teller").MaySend<Deposit>()))
            .UseOrleans(options: options =>
            {
                (options.Port, options.Host) = (Port, "127.0.0.1");
                configure?.Invoke(options);
            }));
        builder.Services.AddOrleans(silo => silo.UseLocalhostClustering(Port, gatewayPort: 0, primary));
        _host = builder.Build();
    }

    public IServiceProvider Services => _host.Services;

    /// <summary>Gets the request in which tests send commands.</summary>
    internal TestRequest Request { get; } = new();

    /// <summary>Gets what handlers of this node record.</summary>
    internal HandledCommands Handled { get; } = new();

    private int Port { get; }

    public Task InitializeAsync() => _host.StartAsync();

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    /// <summary>Sends a command in its own scope.</summary>
    public async Task<CommandResult<TResult>> Send<TResult>(ICommand<TResult> command, SendOptions? options = null)
    {
        await using var scope = Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<SenderScope>().IsUsed = true;
        return await scope.ServiceProvider.GetRequiredService<ICommandBus>().Send(command, options);
    }

    /// <summary>Returns the users that the events of an account name.</summary>
    public async Task<IReadOnlyList<string?>> UsersOf(AccountId account)
    {
        var users = new List<string?>();
        await foreach (var recorded in Services.GetRequiredService<EventStore>()
            .ReadStream(StreamId.For("account", account)))
            users.Add(recorded.Metadata.UserId);
        return users;
    }
}

/// <summary>The user of a test, as of an HTTP request.</summary>
internal sealed class TestRequest : IRequestUser
{
    private readonly AsyncLocal<ClaimsPrincipal?> _user = new();

    public ClaimsPrincipal? Current
    {
        get => _user.Value;
        set => _user.Value = value;
    }
}

/// <summary>Shows whether a handler runs in the scope of the sender.</summary>
public sealed class SenderScope : IDisposable
{
    public bool IsUsed { get; set; }

    /// <summary>Gets or sets whether the scope cannot be disposed.</summary>
    public bool IsBroken { get; set; }

    public void Dispose() => ArgumentOutOfRangeException.ThrowIfEqual(IsBroken, true);
}

/// <summary>What handlers record, and what they wait for.</summary>
public sealed class HandledCommands
{
    /// <summary>Gets the ids of the commands.</summary>
    public ConcurrentQueue<Guid> Ids { get; } = [];

    /// <summary>Gets the end of the wait of held commands.</summary>
    public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
