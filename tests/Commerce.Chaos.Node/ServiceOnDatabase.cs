namespace Commerce.Chaos;

/// <summary>
/// One of the two services of the shop, with its store in a database instead of a file. The test can kill the database
/// separately.
/// </summary>
internal static class ServiceOnDatabase
{
    public static async Task Run(string database, IReadOnlyList<string> arguments)
    {
        var options = ShopOptions.Parse(arguments) with { UsesPostgres = true, Database = database };
        var port = options.Port ?? throw new ArgumentException("The test must set the port.", nameof(arguments));
        await using var app = ShopApplication.Create(options, port);
        await app.RunAsync();
    }
}
