namespace Millrace.Orleans.Tests;

/// <summary>A newer version of the application with further commands, which only nodes in this process have.</summary>
[Model]
public sealed partial class Corrections;

/// <summary>A command that the other nodes do not know.</summary>
public sealed record Correct(AccountId Account, string Id) : ICommand<Receipt>;

public static class CorrectionHandlers
{
    public static Receipt Handle(Correct command, [OrNew] Account account, NodeName node)
    {
        account.Deposit(1, command.Id);
        return new Receipt(account.Balance, node.Value);
    }
}
