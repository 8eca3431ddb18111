using System.Text.Json.Serialization;

namespace Millrace.Orleans.Tests;

/// <summary>What a handler found.</summary>
public sealed record Trace(bool IsRouted, string? Found);

/// <summary>Deposits 1 to both accounts, to the other with a command.</summary>
public sealed record Transfer(AccountId Account, AccountId Other) : ICommand<Trace>;

/// <summary>Asks for the owner of the account.</summary>
public sealed record Inspect(AccountId Account) : ICommand<Trace>;

/// <summary>A command with content that JSON omits.</summary>
public sealed record Upload(AccountId Account) : ICommand<Trace>
{
    [JsonIgnore]
    public string? Content { get; init; }
}

/// <summary>A command whose answer has content that JSON omits.</summary>
public sealed record Download(AccountId Account) : ICommand<Downloaded>;

public sealed record Downloaded(bool IsRouted)
{
    [JsonIgnore]
    public string? Content { get; init; }
}

/// <summary>A command that its handler refuses with an exception of the application.</summary>
public sealed record Charge(AccountId Account) : ICommand;

/// <summary>A command whose scope cannot be disposed.</summary>
public sealed record Leave(AccountId Account) : ICommand<Trace>;

/// <summary>A command that waits until the test releases it.</summary>
public sealed record Hold(AccountId Account) : ICommand<Trace>;

public sealed record FindOwner(AccountId Account) : IQuery<Owner>;

public sealed record Owner(AccountId Account, string? Email);

[Event("owner.named")]
public sealed record OwnerNamed(AccountId Account, string Email);

/// <summary>Makes the owner a document, whose members access control limits.</summary>
[Projection("owner")]
public sealed partial class OwnerProjection : Projection<AccountId, Owner>
{
    public static AccountId Key(OwnerNamed named) => named.Account;

    public static Owner Apply(Owner? owner, OwnerNamed named) => new(named.Account, named.Email);
}

/// <summary>Handlers that send further commands and queries without a user.</summary>
public static class TransferHandlers
{
    public static async Task<Trace> Handle(
        Transfer command,
        [OrNew, From(nameof(Transfer.Account))] Account account,
        ICommandBus commands,
        SenderScope scope,
        CancellationToken cancellationToken)
    {
        account.Deposit(1, "transfer");
#pragma warning disable MILL0235 // The tests need no retry of this command.
        await commands.Send(new Deposit(command.Other, 1, "transfer"), cancellationToken);
#pragma warning restore MILL0235
        return new Trace(!scope.IsUsed, null);
    }

    public static async Task<Trace> Handle(
        Inspect command,
        [OrNew] Account account,
        IQueryBus queries,
        SenderScope scope,
        CancellationToken cancellationToken)
    {
        account.Deposit(1, "inspect");
        var owner = await queries.Ask(new FindOwner(command.Account), cancellationToken);
        return new Trace(!scope.IsUsed, owner.Value.Email);
    }

    public static Trace Handle(Upload command, [OrNew] Account account, SenderScope scope)
    {
        account.Deposit(1, "upload");
        return new Trace(!scope.IsUsed, command.Content);
    }

    public static Downloaded Handle(Download command, [OrNew] Account account, SenderScope scope)
    {
        account.Deposit(1, "download");
        return new Downloaded(!scope.IsUsed) { Content = command.Account.Value };
    }

    public static void Handle(
        Charge command, [OrNew] Account account, CommandContext context, HandledCommands handled)
    {
        handled.Ids.Enqueue(context.CommandId);
        account.Withdraw(1);
    }

    public static Trace Handle(Leave command, [OrNew] Account account, SenderScope scope)
    {
        account.Deposit(1, "leave");
        scope.IsBroken = !scope.IsUsed;
        return new Trace(!scope.IsUsed, null);
    }

    public static async Task<Trace> Handle(
        Hold command,
        [OrNew] Account account,
        HandledCommands handled,
        SenderScope scope,
        CancellationToken cancellationToken)
    {
        await handled.Release.Task.WaitAsync(cancellationToken);
        account.Deposit(1, "hold");
        return new Trace(!scope.IsUsed, null);
    }

    public static Owner Handle(FindOwner query) => new(query.Account, "owner@example.org");
}
