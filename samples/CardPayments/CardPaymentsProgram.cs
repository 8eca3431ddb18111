namespace CardPayments;

/// <summary>The program: serves until Ctrl-C.</summary>
internal static class CardPaymentsProgram
{
    private static async Task<int> Main(string[] arguments)
    {
        try
        {
            var options = CardPaymentsOptions.Parse(arguments);
            if (options.IsHelp)
            {
                Console.WriteLine(CardPaymentsOptions.Usage);
                return 0;
            }
            if (options.Database is null)
                Directory.CreateDirectory(options.Data);
            await using var app = CardPaymentsApplication.Create(options);
            await app.StartAsync();
            Console.WriteLine($"Card payments at {app.Urls.First()}");
            using var inputWatch = new CancellationTokenSource();
            var inputEnd = options.EndsWithInput ? StopAfterInput(app, inputWatch.Token) : Task.CompletedTask;
            await app.WaitForShutdownAsync(CancellationToken.None);
            await inputWatch.CancelAsync();
            await inputEnd.WaitAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        }
        catch (ArgumentException wrong)
        {
            await Console.Error.WriteLineAsync($"{wrong.Message} See --help.");
            return 2;
        }
        catch (Exception exception) when (exception is MillraceException or IOException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private static async Task StopAfterInput(WebApplication app, CancellationToken cancellationToken)
    {
        using var input = Console.OpenStandardInput();
        var ignored = new byte[256];
        while (await input.ReadAsync(ignored, cancellationToken) > 0)
        {
        }
        app.Lifetime.StopApplication();
    }
}
