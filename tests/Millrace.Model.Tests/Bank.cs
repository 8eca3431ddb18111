namespace Millrace.Model.Tests;

/// <summary>The model of these tests. It is written by hand in the form that the generator emits.</summary>
public sealed class Bank : IModel
{
    public static void Register(ModelBuilder model)
    {
        model.Event("account.opened", 1, BankJson.Default.AccountOpened)
            .Event("money.deposited", 1, BankJson.Default.MoneyDeposited)
            .Event("money.withdrawn", 1, BankJson.Default.MoneyWithdrawn)
            .Event("seat.taken", 1, BankJson.Default.SeatTaken)
            .Aggregate(
                new AggregateDefinition<Account, Guid>("account", () => new Account())
                {
                    Snapshot = new AggregateSnapshot<Account, AccountState>(
                        schemaVersion: 1, every: 10, BankJson.Default.AccountState),
                }
            )
            .Command(
                new CommandDefinition<OpenAccount, Nothing>("open-account", Open)
                {
                    Validate = (command, problems) =>
                        problems.Require(command.Owner.Length > 0, "owner", "An account has an owner."),
                }
            )
            .Command(new CommandDefinition<Deposit, Balance>("deposit", Deposit))
            .Command(new CommandDefinition<Withdraw, Balance>("withdraw", Withdraw))
            .Command(new CommandDefinition<Transfer, Nothing>("transfer", Transfer))
            .Command(new CommandDefinition<TakeSeats, Nothing>("take-seats", TakeSeats))
            .Command(new CommandDefinition<ReadBalance, Balance>("look", ReadBalance))
            .Command(new CommandDefinition<Ping, int>("ping", ping => ping.Number + 1))
            .Query(new QueryDefinition<GetBalance, Balance>("get-balance", GetBalance))
            .Json(BankJson.Default);
    }

    private static async ValueTask<Nothing> Open(
        OpenAccount command, CommandContext context, CancellationToken cancellationToken)
    {
        var account = await context.New<Account, Guid>(command.Account, cancellationToken);
        account.Open(command.Owner);
        return default;
    }

    private static async ValueTask<Balance> Deposit(
        Deposit command, CommandContext context, CancellationToken cancellationToken)
    {
        var account = await context.Load<Account, Guid>(command.Account, cancellationToken);
        account.Deposit(command.Amount);
        return new Balance(account.Balance);
    }

    private static async ValueTask<Balance> Withdraw(
        Withdraw command, CommandContext context, CancellationToken cancellationToken)
    {
        var account = await context.Load<Account, Guid>(command.Account, cancellationToken);
        account.Withdraw(command.Amount);
        return new Balance(account.Balance);
    }

    private static async ValueTask<Nothing> Transfer(
        Transfer command, CommandContext context, CancellationToken cancellationToken)
    {
        var from = await context.Load<Account, Guid>(command.From, cancellationToken);
        var to = await context.Load<Account, Guid>(command.To, cancellationToken);
        from.Withdraw(command.Amount);
        to.Deposit(command.Amount);
        return default;
    }

    private static async ValueTask<Nothing> TakeSeats(
        TakeSeats command, CommandContext context, CancellationToken cancellationToken)
    {
        await context.Decide(Seats.Decider, command.Hall, state => Seats.Decide(command, state), cancellationToken);
        return default;
    }

    private static async ValueTask<Balance> ReadBalance(
        ReadBalance command, CommandContext context, CancellationToken cancellationToken)
    {
        var account = await context.LoadOrNew<Account, Guid>(command.Account, cancellationToken);
        return new Balance(account.Balance);
    }

    private static async ValueTask<Balance> GetBalance(
        GetBalance query, QueryContext context, CancellationToken cancellationToken)
    {
        var repository = (AggregateRepository)context.Services.GetService(typeof(AggregateRepository))!;
        var account = await repository.Load<Account, Guid>(query.Account, cancellationToken);
        return new Balance(account.Balance);
    }
}
