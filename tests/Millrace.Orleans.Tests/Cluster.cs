using System.Security.Claims;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SecurityClaim = System.Security.Claims.Claim;

namespace Millrace.Orleans.Tests;

/// <summary>Three nodes on a PostgreSQL database: one in this process, and two in their own.</summary>
public sealed class Cluster : IAsyncLifetime
{
    /// <summary>The name of the node in this process.</summary>
    public const string Here = "here";

    private PostgreSqlServer? _server;
    private IHost? _host;
    private NodeProcess[] _others = [];

    public string Address { get; private set; } = "";

    internal IReadOnlyList<NodeProcess> Others => _others;

    public IServiceProvider Services => _host!.Services;

    public static ClaimsPrincipal Clerk { get; } = UserOf("alice", BankNode.Clerk);

    public static ClaimsPrincipal UserOf(string id, params string[] roles) => new(new ClaimsIdentity(
        [new SecurityClaim("sub", id), .. roles.Select(role => new SecurityClaim("role", role))], "test"));

    public async Task InitializeAsync()
    {
        if (PostgreSqlPrograms.ReasonToSkip is not null)
            return;
        _server = await PostgreSqlServer.Start();
        Address = _server.ConnectionString(await _server.CreateDatabase());
        _host = BankNode.Create(
            Address, Here, FreePorts.Take(), millrace => millrace.AddModel<Corrections>()
                .AddAccessControl(access => access.Role(BankNode.Clerk, role => role.MaySend<Correct>())));
        var start = _host.StartAsync();
        _others = await Task.WhenAll(StartNode("second"), StartNode("third"));
        await start;
    }

    public async Task DisposeAsync()
    {
        if (_host is not null)
            await _host.StopAsync();
        _host?.Dispose();
        foreach (var node in _others)
            node.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    internal Task<NodeProcess> StartNode(string name) => NodeProcess.Start(Address, name, FreePorts.Take());

    public Task<TenantScope> Enter(string tenant) =>
        Services.GetRequiredService<Tenants>().Enter(new TenantId(tenant));

    /// <summary>Sends a command from the node in this process, as a clerk unless there are options.</summary>
    public async Task<CommandResult<Receipt>> Send(
        ICommand<Receipt> command, string tenant = "acme", SendOptions? options = null, CancellationToken end = default)
    {
        await using var scope = await Enter(tenant);
        return await scope.Commands.Send(command, options ?? new SendOptions { User = Clerk }, end);
    }

    /// <summary>Returns an account whose commands a node handles.</summary>
    public async Task<AccountId> AccountOn(string node, string prefix)
    {
        for (var number = 0; number < 200; number++)
        {
            var account = new AccountId($"{prefix}{number}");
            if ((await Send(new Deposit(account, 10, "first"))).Value.Node == node)
                return account;
        }
        throw new InvalidOperationException($"No account is on the node '{node}'.");
    }

    /// <summary>Returns an account whose commands another node handles.</summary>
    public Task<AccountId> AccountElsewhere(string prefix) => AccountOn("second", prefix);

    /// <summary>Returns the ids of the deposits to an account, in order.</summary>
    public async Task<IReadOnlyList<string>> DepositsOf(AccountId account, string tenant = "acme")
    {
        await using var scope = await Enter(tenant);
        var ids = new List<string>();
        await foreach (var recorded in scope.Store.ReadStream(StreamId.For("account", account)))
        {
            if (recorded.Data is Deposited deposited)
                ids.Add(deposited.Id);
        }
        return ids;
    }
}

/// <summary>The tests that share the nodes.</summary>
[CollectionDefinition(nameof(Cluster))]
public sealed class ClusterCollection : ICollectionFixture<Cluster>;
