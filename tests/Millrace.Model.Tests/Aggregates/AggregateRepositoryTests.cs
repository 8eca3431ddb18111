using System.Text;

namespace Millrace.Model.Tests.Aggregates;

public sealed class AggregateRepositoryTests
{
    [Fact]
    public async Task What_was_raised_is_saved_and_loaded_again()
    {
        await using var host = await BankHost.Start();
        var account = await host.Aggregates.LoadOrNew<Account, Guid>(Guid.CreateVersion7());
        account.Open("Ada");
        account.Deposit(3);

        var saved = await host.Aggregates.Save<Account, Guid>(account);
        var again = await host.Aggregates.Save<Account, Guid>(account);

        Assert.Equal(2, saved!.Value.Version);
        Assert.Null(again);
        Assert.Equal(3, await host.BalanceOf(account.Id));
    }

    [Fact]
    public async Task Of_two_that_save_the_same_version_one_is_refused()
    {
        await using var host = await BankHost.Start();
        var id = await host.Open(balance: 5);
        var one = await host.Aggregates.Load<Account, Guid>(id);
        var two = await host.Aggregates.Load<Account, Guid>(id);
        one.Withdraw(4);
        two.Withdraw(4);

        await host.Aggregates.Save<Account, Guid>(one);
        var refused = await Assert.ThrowsAsync<VersionConflictException>(() =>
            host.Aggregates.Save<Account, Guid>(two));

        Assert.Equal((3, 2), (refused.Actual, refused.Expected.Version));
        Assert.Equal(1, await host.BalanceOf(id));
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_refuses_its_aggregate_with_the_facts()
    {
        await using var host = await BankHost.Start();
        var id = await host.Open();
        var broken = NewEvent.FromBytes("money.deposited", Encoding.UTF8.GetBytes("{}"), "text/plain");
        var appended = await host.Store.Append(StreamId.For("account", id), ExpectedVersion.Any, [broken]);

        var refused = await Assert.ThrowsAsync<CannotDeserializeException>(async () =>
            await host.Aggregates.Load<Account, Guid>(id));

        Assert.Equal(
            ("money.deposited", 1, appended.Position), (refused.EventType, refused.SchemaVersion, refused.Position));
    }

    [Fact]
    public async Task An_event_of_an_unknown_type_refuses_its_aggregate_and_its_commands()
    {
        await using var host = await BankHost.Start();
        var id = await host.Open(balance: 5);
        var unknown = NewEvent.FromBytes("account.frozen", Encoding.UTF8.GetBytes("{}"));
        await host.Store.Append(StreamId.For("account", id), ExpectedVersion.Any, [unknown]);

        await Assert.ThrowsAsync<CannotDeserializeException>(async () => await host.Aggregates.Load<Account, Guid>(id));
        var refused = await Assert.ThrowsAsync<CannotDeserializeException>(
            async () => await host.Commands.Send(new Withdraw(id, 1)));

        Assert.Equal("account.frozen", refused.EventType);
    }

    [Fact]
    public async Task An_unknown_aggregate_is_refused_with_advice()
    {
        await using var host = await BankHost.Start();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await host.Aggregates.Load<UnregisteredAggregate, Guid>(Guid.Empty));

        Assert.Contains("[Stream", refused.Message, StringComparison.Ordinal);
    }

    private sealed class UnregisteredAggregate : Aggregate<Guid>
    {
        protected override void Evolve(object @event)
        {
        }
    }
}
