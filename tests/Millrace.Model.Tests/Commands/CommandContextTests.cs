using System.Security.Claims;
using Millrace.Storage;

namespace Millrace.Model.Tests.Commands;

public sealed class CommandContextTests
{
    private sealed record Act(Guid Account) : ICommand;

    [Fact]
    public async Task Events_carry_the_metadata_of_the_sender()
    {
        await using var host = await BankHost.Start();
        var account = Guid.CreateVersion7();
        var options = new SendOptions
        {
            Metadata = new EventMetadata { RequestId = "r-1", Source = "till" },
            User = new ClaimsPrincipal(new ClaimsIdentity([new System.Security.Claims.Claim("sub", "tom")], "test")),
            CorrelationId = Guid.CreateVersion7(),
            CausationId = Guid.CreateVersion7(),
        };

        await host.Commands.Send(new OpenAccount(account, "Ada"), options);

        var recorded = await host.Store.ReadStream(StreamId.For("account", account)).SingleAsync();
        Assert.Equal((options.CorrelationId, options.CausationId), (recorded.CorrelationId, recorded.CausationId));
        Assert.Equal(("r-1", "tom", "till"), (recorded.Metadata.RequestId, recorded.Metadata.UserId, recorded.Source));
    }

    [Fact]
    public async Task Without_ids_from_the_sender_the_command_id_is_the_correlation_id_and_the_causation_id()
    {
        await using var host = await StartHostWithHandler(async (context, account, cancellationToken) =>
        {
            (await context.Load<Account, Guid>(account, cancellationToken)).Deposit(1);
            context.Metadata = new EventMetadata { SessionId = context.CommandId.ToString() };
        });
        var account = await host.Open();

        await host.Commands.Send(new Act(account));

        var recorded = await host.Store.ReadStreamBackwards(StreamId.For("account", account)).FirstAsync();
        Assert.NotNull(recorded.CorrelationId);
        Assert.Equal(recorded.CorrelationId, recorded.CausationId);
        Assert.Equal(recorded.CorrelationId.ToString(), recorded.Metadata.SessionId);
    }

    [Fact]
    public async Task Everything_a_handler_does_is_written_together()
    {
        await using var host = await StartHostWithHandler(async (context, account, cancellationToken) =>
        {
            (await context.Load<Account, Guid>(account, cancellationToken)).Deposit(1);
            context.Append(new StreamId("audit-1"), ExpectedVersion.NoStream, new MoneyDeposited(1));
            context.Claim(Claim.Acquire("account-name", "savings", account.ToString()));
        });
        var firstAccount = await host.Open();
        var secondAccount = await host.Open();

        await host.Commands.Send(new Act(firstAccount));
        var refused = await Assert.ThrowsAsync<VersionConflictException>(async () =>
            await host.Commands.Send(new Act(secondAccount)));

        Assert.Equal(new StreamId("audit-1"), refused.Stream);
        Assert.Equal(firstAccount.ToString(), await host.Store.FindClaim("account-name", "savings"));
        Assert.Equal((1, 0), (await host.BalanceOf(firstAccount), await host.BalanceOf(secondAccount)));
    }

    [Fact]
    public async Task Loading_an_aggregate_twice_in_one_command_returns_the_same_instance()
    {
        await using var host = await StartHostWithHandler(async (context, account, cancellationToken) =>
        {
            var first = await context.Load<Account, Guid>(account, cancellationToken);
            var second = await context.LoadOrNew<Account, Guid>(account, cancellationToken);
            Assert.Same(first, second);
            await Assert.ThrowsAsync<AggregateExistsException>(
                async () => await context.New<Account, Guid>(account, cancellationToken));
        });

        await host.Commands.Send(new Act(await host.Open()));
    }

    [Fact]
    public async Task The_SQL_statements_of_a_handler_run_in_the_transaction_of_its_events()
    {
        await using var host = await BankHost.StartOnSqlite(millrace => millrace.AddModel(model => AddActCommand(
            model,
            async (context, account, cancellationToken) =>
            {
                (await context.Load<Account, Guid>(account, cancellationToken)).Deposit(1);
                context.Statement("CREATE TABLE IF NOT EXISTS deposits (account TEXT PRIMARY KEY)");
                context.Statement("INSERT INTO deposits (account) VALUES (?)", account);
            })));
        var account = await host.Open();

        await host.Commands.Send(new Act(account));
        var refused = await Assert.ThrowsAsync<StorageException>(async () =>
            await host.Commands.Send(new Act(account)));

        Assert.Equal(StorageProblem.Statement, refused.Problem);
        Assert.Equal(1, await host.BalanceOf(account));
    }

    [Fact]
    public async Task An_aggregate_is_not_cached_when_the_handler_also_appends_to_its_stream_directly()
    {
        await using var host = await StartHostWithHandler(async (context, account, cancellationToken) =>
        {
            var loaded = await context.Load<Account, Guid>(account, cancellationToken);
            loaded.Deposit(1);
            var stream = StreamId.For("account", account);
            context.Append(stream, ExpectedVersion.Exactly(loaded.Version - 1), new MoneyDeposited(10));
        });
        var account = await host.Open();

        await Assert.ThrowsAsync<VersionConflictException>(async () => await host.Commands.Send(new Act(account)));

        Assert.Equal(0, await host.BalanceOf(account));
        Assert.Equal(new Balance(2), (await host.Commands.Send(new Deposit(account, 2))).Value);
    }

    [Fact]
    public async Task A_canceled_command_changes_nothing()
    {
        await using var host = await BankHost.Start();
        var account = await host.Open();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await host.Commands.Send(new Deposit(account, 1), new CancellationToken(canceled: true)));

        Assert.Equal(0, await host.BalanceOf(account));
    }

    private static Task<BankHost> StartHostWithHandler(Func<CommandContext, Guid, CancellationToken, Task> handler) =>
        BankHost.Start(millrace => millrace.AddModel(model => AddActCommand(model, handler)));

    private static void AddActCommand(
        ModelBuilder model, Func<CommandContext, Guid, CancellationToken, Task> handler) =>
        model.Command(new CommandDefinition<Act, Nothing>("act", async (command, context, cancellationToken) =>
        {
            await handler(context, command.Account, cancellationToken);
            return default;
        }));
}
