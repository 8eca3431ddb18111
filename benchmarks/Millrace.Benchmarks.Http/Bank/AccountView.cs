using System.Text.Json.Serialization;

namespace Millrace.Benchmarks.Http.Bank;

/// <summary>The response body for an account.</summary>
public sealed record AccountView(string Owner, decimal Balance);

/// <summary>
/// The projection of the accounts. It is written by hand, so that one program can run it inline or asynchronously.
/// </summary>
internal sealed class AccountViews : Projection<AccountId, AccountView>
{
    public static ProjectionDefinition<AccountId, AccountView> Define(string name, ProjectionLifecycle lifecycle) =>
        new()
        {
            Name = name,
            Events = [typeof(BankAccountOpened), typeof(MoneyDeposited)],
            Lifecycle = lifecycle,
            Stream = "account",
            Create = () => new AccountViews(),
            Document = AccountJson.Default.AccountView,
        };

    protected override void CollectKeys(RecordedEvent recorded, ICollection<AccountId> keys)
    {
        if (KeyOf(recorded.Data) is { } key)
            keys.Add(key);
    }

    protected override AccountView? Fold(AccountId key, AccountView? document, RecordedEvent recorded) =>
        recorded.Data switch
        {
            BankAccountOpened opened => new AccountView(opened.Owner, 0),
            MoneyDeposited deposited when document is not null => document with
            {
                Balance = document.Balance + deposited.Amount,
            },
            _ => document,
        };

    private static AccountId? KeyOf(object? data) => data switch
    {
        BankAccountOpened opened => opened.Account,
        MoneyDeposited deposited => deposited.Account,
        _ => null,
    };
}

/// <summary>The JSON metadata of the read model.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AccountView))]
internal sealed partial class AccountJson : JsonSerializerContext;
