using Millrace.Storage;

namespace CardPayments.Charges;

/// <summary>Handles all commands and queries about charges.</summary>
public static class ChargeHandlers
{
    private const int MaxTextLength = 200;
    private const int PageSize = 1_000;

    /// <summary>The delay of the bank's answer for cards that it answers later.</summary>
    public static TimeSpan BankDelay { get; } = TimeSpan.FromSeconds(2);

    public static void Validate(RequestCharge command, ValidationProblems problems)
    {
        problems.Require(command.Amount is > 0 and <= 1_000_000_000_000, "amount", "An amount is more than zero.");
        var isCurrency = command.Currency is [>= 'A' and <= 'Z', >= 'A' and <= 'Z', >= 'A' and <= 'Z'];
        problems.Require(isCurrency, "currency", "A currency has three capitals.");
        problems.Require(IsShort(command.Card), "card", $"A card has 1 to {MaxTextLength} characters.");
        problems.Require(IsShort(command.Reference), "reference", $"A reference has 1 to {MaxTextLength} characters.");
    }

    public static ChargeAnswer Handle(
        RequestCharge command,
        [OrNew] Charge charge,
        CommandContext context,
        TimeProvider time)
    {
        var now = time.GetUtcNow();
        if (charge.Request(command.Reference, command.Amount, command.Currency, command.Card, command.Captures, now))
            context.SetTimer(
                new SettleCharge(charge.Id), now + BankDelay, new TimerOptions { Key = $"charge-{charge.Id}" });
        return ChargeAnswer.Of(charge);
    }

    public static ChargeAnswer Handle(CaptureCharge command, Charge charge, TimeProvider time)
    {
        charge.Capture(time.GetUtcNow());
        return ChargeAnswer.Of(charge);
    }

    public static void Validate(RefundCharge command, ValidationProblems problems) =>
        problems.Require(command.Reason?.Length is > 0 and <= 1_000, "reason", "A reason has 1 to 1,000 characters.");

    public static ChargeAnswer Handle(RefundCharge command, [OrNew] Charge charge, TimeProvider time)
    {
        charge.Refund(command.Amount, command.Reason, time.GetUtcNow());
        return ChargeAnswer.Of(charge);
    }

    public static ChargeAnswer Handle(SettleCharge command, Charge charge, TimeProvider time)
    {
        charge.Settle(time.GetUtcNow());
        return ChargeAnswer.Of(charge);
    }

    public static async Task<ChargeView?> Handle(
        GetCharge query,
        IReadModel<ChargeId, ChargeView> charges,
        QueryContext context,
        CancellationToken cancellationToken) => await charges.Get(query.Charge, context, cancellationToken);

    public static async Task<ChargePage> Handle(
        ListCharges query,
        IReadModel<ChargeId, ChargeView> charges,
        QueryContext context,
        CancellationToken cancellationToken)
    {
        List<FieldCondition> conditions = query.Reference is null
            ? []
            : [new("reference", Comparison.Equal, query.Reference)];
        var readQuery = new ReadQuery
        {
            Conditions = conditions,
            OrderBy = "requested",
            Skip = query.Skip,
            Limit = PageSize,
        };
        var page = await charges.Query(readQuery, context, cancellationToken);
        return new ChargePage(page.Items, await charges.Count(conditions, context, cancellationToken));
    }

    private static bool IsShort(string? text) => text?.Length is > 0 and <= MaxTextLength;
}
