using Millrace;

namespace Bakery;

/// <summary>
/// Bakes a cake, charges for it and waits until it is fetched. If one of these fails, the earlier steps are undone.
/// </summary>
[Process("delivery", Version = 1)]
public sealed class Delivery : Process<string>
{
    protected override void Define(ProcessBuilder<string> process) =>
        process
            .StartOn<CakeOrdered>(ordered => ordered.Cake)
            .Step("bake", cake => new BakeCake(cake), cake => new GiveCakeAway(cake))
            .Step(
                "charge",
                (string cake, CakeOrdered ordered) => new ChargeForCake(cake, ordered.Price),
                cake => new RefundCake(cake))
            .Retry(3, TimeSpan.FromMinutes(1))
        .Await<CakeFetched>(fetched => fetched.Cake, within: TimeSpan.FromDays(2))
        .PointOfNoReturn()
        .Step("thank", cake => new ThankForCake(cake));
}

[Event("cake.ordered")]
public sealed record CakeOrdered(string Cake, int Price);

[Event("cake.fetched")]
public sealed record CakeFetched(string Cake);

[Event("cake.noted")]
public sealed record CakeNoted(string Cake, string What);

public sealed record BakeCake(string Cake) : ICommand;

public sealed record GiveCakeAway(string Cake) : ICommand;

public sealed record ChargeForCake(string Cake, int Price) : ICommand;

public sealed record RefundCake(string Cake) : ICommand;

public sealed record ThankForCake(string Cake) : ICommand;

public static class CakeHandlers
{
    public static void Handle(BakeCake command, CommandContext context) => Note(context, command.Cake, "baked");

    public static void Handle(GiveCakeAway command, CommandContext context) =>
        Note(context, command.Cake, "given away");

    public static void Handle(ChargeForCake command, CommandContext context) => Note(context, command.Cake, "charged");

    public static void Handle(RefundCake command, CommandContext context) => Note(context, command.Cake, "refunded");

    public static void Handle(ThankForCake command, CommandContext context) => Note(context, command.Cake, "thanked");

    private static void Note(CommandContext context, string cake, string what) =>
        context.Append(new StreamId("cake-" + cake), ExpectedVersion.Any, new CakeNoted(cake, what));
}
