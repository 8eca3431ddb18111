namespace Commerce.Chaos;

/// <summary>One of the two services of the shop, which keep files otherwise, on a database that is
/// killed independently.</summary>
internal static class ServiceOnDatabase
{
    public static async Task Run(string database, IReadOnlyList<string> arguments)
    {
        var options = ShopOptions.Parse(arguments) with { UsesPostgres = true, Database = database };
        var port = options.Port ?? throw new ArgumentException("The test says on which port.", nameof(arguments));
        await using var app = ShopApplication.Create(options, port);
        await app.RunAsync();
    }
}
