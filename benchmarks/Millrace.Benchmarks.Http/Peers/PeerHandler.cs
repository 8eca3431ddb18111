using Wolverine.Marten;

namespace Millrace.Benchmarks.Http.Peers;

/// <summary>Opens an account.</summary>
public sealed record OpenPeerAccount(Guid PeerAccountId, string Owner);

/// <summary>Deposits money.</summary>
public sealed record DepositPeerMoney(Guid PeerAccountId, decimal Amount);

/// <summary>The command handlers of Wolverine's aggregate workflow.</summary>
public static class PeerHandler
{
    /// <summary>Opens an account.</summary>
    public static IStartStream Handle(OpenPeerAccount command) => MartenOps.StartStream<PeerAccount>(
        command.PeerAccountId, new PeerAccountOpened(command.PeerAccountId, command.Owner));

    /// <summary>Deposits money.</summary>
    [AggregateHandler]
    public static PeerMoneyDeposited Handle(DepositPeerMoney command, PeerAccount account) =>
        account.Deposit(command.Amount);
}
