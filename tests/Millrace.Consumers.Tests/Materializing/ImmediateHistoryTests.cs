namespace Millrace.Tests.Materializing;

/// <summary>
/// Compares immediate views with a computation from the read model after each part of random histories, which contain
/// failures, restarts, and programs without the views.
/// </summary>
public sealed class ImmediateHistoryTests
{
    private const int Parts = 10;

    private static readonly string[] ShipNames = ["ada", "anna", "bob", "bob*", "ben", "cyd", "\U0001F6A2", "\uFF21"];

    public static TheoryData<StoreKind, int> Seeds
    {
        get
        {
            var seeds = new TheoryData<StoreKind, int>();
            foreach (var kind in SharedStore.All)
            {
                for (var seed = 1; seed <= (kind == StoreKind.Memory ? 6 : 2); seed++)
                    seeds.Add(kind, seed);
            }
            return seeds;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Rows_equal_a_computation_from_the_read_model(StoreKind kind, int seed)
    {
        var random = new Random(seed);
        using var shared = await SharedStore.Create(kind);
        var node = await ImmediateNode.Start(shared);
        try
        {
            for (var part = 0; part < Parts; part++)
            {
                switch (random.Next(6))
                {
                    case 0:
                        await node.DisposeAsync();
                        node = await ImmediateNode.Start(shared);
                        break;
                    case 1:
                        await node.DisposeAsync();
                        await using (var other = await ImmediateNode.Start(shared, hasViews: false))
                            await other.Cargo.Get("ada", await AppendSome(other, random));
                        node = await ImmediateNode.Start(shared);
                        break;
                    case 2:
                        await FailOnce(node, random);
                        break;
                    case 3:
                        await node.Ships.Refresh();
                        break;
                }
                await node.RequireRightRows(await AppendSome(node, random));
            }
        }
        finally
        {
            await node.DisposeAsync();
        }
    }

    /// <summary>Makes the code of the views fail for some documents, and then has the rows built again.</summary>
    private static async Task FailOnce(ImmediateNode node, Random random)
    {
        var failing = ShipNames[random.Next(ShipNames.Length)];
        node.Failure = cargo => cargo.Ship == failing ? new InvalidOperationException("Random failure.") : null;
        await node.Cargo.Get("ada", await AppendSome(node, random));
        node.Failure = static _ => null;
        await node.Views.Refresh("loaded-ships", TestNode.WaitTimeout);
        await node.Views.Refresh("fleet-totals", TestNode.WaitTimeout);
    }

    private static async Task<ConsistencyToken> AppendSome(ImmediateNode node, Random random)
    {
        var token = default(ConsistencyToken);
        for (var count = random.Next(1, 8); count > 0; count--)
        {
            var ship = ShipNames[random.Next(ShipNames.Length)];
            var crates = random.Next(1, 9);
            object recorded = random.Next(5) switch
            {
                0 => new Scrapped(ship),
                1 or 2 => new Unloaded(ship, crates),
                _ => new Loaded(ship, crates),
            };
            token = await node.Append("s" + random.Next(3), recorded);
        }
        return token;
    }
}
