namespace Millrace.Benchmarks.Http;

/// <summary>The results of one application in one round.</summary>
/// <param name="Create">The load of requests that open an account.</param>
/// <param name="Decide">The load of requests that load an account, decide and append.</param>
/// <param name="Get">The load of requests for the read model of one account.</param>
/// <param name="ResidentBytes">The largest resident memory observed after a load.</param>
/// <param name="ToFirstAnswer">The time from the start of the process to its first response.</param>
internal sealed record HttpRound(
    HttpLoad Create, HttpLoad Decide, HttpLoad Get, long ResidentBytes, TimeSpan ToFirstAnswer)
{
    private const long SecondLoadFirstId = 100_000_000;

    /// <summary>Measures an application on a new database, after warm-up loads.</summary>
    public static async Task<HttpRound> Measure(string application, string database, int seconds)
    {
        await using var running = await HttpApplication.Start(application, database);
        var address = running.Address;
        var accounts = ("ACCOUNTS", (await HttpLoad.Run("create.lua", address, seconds, ("FIRST", 0))).Requests / 2);
        var create = await HttpLoad.Run("create.lua", address, seconds, ("FIRST", SecondLoadFirstId));
        var memory = running.ResidentBytes;
        await HttpLoad.Run("deposit.lua", address, seconds, accounts);
        var decide = await HttpLoad.Run("deposit.lua", address, seconds, accounts);
        memory = Math.Max(memory, running.ResidentBytes);
        await HttpLoad.Run("get.lua", address, seconds, accounts);
        var get = await HttpLoad.Run("get.lua", address, seconds, accounts);
        return new HttpRound(create, decide, get, Math.Max(memory, running.ResidentBytes), running.ToFirstAnswer);
    }
}
