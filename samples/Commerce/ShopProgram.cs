using System.Diagnostics;
using System.Net.NetworkInformation;
using Commerce.Nodes;
using Commerce.Payments;
using Commerce.Retail;
using Commerce.Services;
using Commerce.Services.Discovery;
using Commerce.Trust;
using Microsoft.AspNetCore.Connections;

namespace Commerce;

/// <summary>The program: serves the shop until Ctrl-C. It can import a year of older books first, or only import and
/// print a summary.</summary>
public sealed class ShopProgram(ShopOptions options)
{
    private const int DefaultPort = 8080;

    /// <summary>Runs the program; returns the exit code: 0 for success, 1 for a failure.</summary>
    public async Task<int> Run()
    {
        try
        {
            CreateFolder(options);
            await Run(options);
            return 0;
        }
        catch (Exception exception) when (
            exception is RetailFileException or InvalidDataException or MillraceException or IOException
                or MillraceConfigurationException
                or ArgumentException { ParamName: "options" }) // An invalid address.
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private static void CreateFolder(ShopOptions options)
    {
        if (File.Exists(options.Data))
            throw new IOException($"--data {options.Data} is a file: name a directory.");
        try
        {
            Directory.CreateDirectory(options.Data);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"--data {options.Data} cannot be created: {exception.Message}", exception);
        }
    }

    /// <summary>Starts the store and the nodes, and runs the shop.</summary>
    private static async Task Run(ShopOptions options)
    {
        await using var server = options is { UsesPostgres: true, Database: null }
            ? await PrivatePostgreSql.Start(Path.Combine(options.Data, "postgresql"))
            : null;
        var isSplit = server is not null && options.Broker is not null;
        var database =
            isSplit ? await server!.Database(Registration.NameOf(ShopRole.Orders)) : server?.ConnectionString;
        var inventory = isSplit ? await server!.Database(Registration.NameOf(ShopRole.Inventory)) : null;
        options = options with
        {
            Database = database ?? options.Database,
            Keys = options.Keys ?? await KeysOf(server, isSplit ? ShopRole.Orders : ShopRole.Whole),
        };
        await using var services = await ShopServices.Start(
            options, inventory, isSplit ? await KeysOf(server, ShopRole.Inventory) : null);
        await (
            options.IsSummary
                ? PrintSummary(options)
                : Serve(services.Options, services, server is null ? null : database)
        );
    }

    /// <summary>Returns the database of the keys of a part of the shop; null without an own server.</summary>
    private static async Task<string?> KeysOf(PrivatePostgreSql? server, ShopRole role) => server is null
        ? null
        : await server.Database(role == ShopRole.Whole ? "keys" : $"{Registration.NameOf(role)}_keys");

    /// <summary>Imports a file and prints only the summary on standard output.</summary>
    private static async Task PrintSummary(ShopOptions options)
    {
        using var interrupted = new CancellationTokenSource();
        await using var nodes = await AdditionalNodes.Start(options);
        using var app = ShopApplication.CreateWithoutWeb(options);
        await app.StartAsync(interrupted.Token);
        var watch = Stopwatch.StartNew();
        var token = await Import(app.Services, options.RetailFile!, interrupted.Token);
        await using var output = Console.OpenStandardOutput();
        await app
            .Services.GetRequiredService<RetailSummary>()
            .Write(output, token, () => watch.Elapsed.TotalSeconds, interrupted.Token);
        await output.WriteAsync("\n"u8.ToArray(), interrupted.Token);
        await app.StopAsync(interrupted.Token);
    }

    private static async Task Serve(ShopOptions options, ShopServices services, string? ownDatabase)
    {
        await using var app = ShopApplication.Create(options, options.Port ?? FreePort());
        await Start(app, options);
        Console.WriteLine($"Open {app.Urls.First()}");
        if (!Console.IsOutputRedirected)
            Console.WriteLine("  Press Ctrl-C to stop.");
        try
        {
            await ServeUntilStopped(app, options, services, ownDatabase);
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await app.WaitForShutdownAsync(); // The application was stopped while it was starting.
        }
    }

    private static async Task ServeUntilStopped(
        WebApplication app, ShopOptions options, ShopServices services, string? ownDatabase)
    {
        await using var nodes = await AdditionalNodes.Start(await WithPayments(app, options));
        using var nodesRegistration = app.Lifetime.ApplicationStopping.Register(nodes.ExpectExits);
        using var servicesRegistration = app.Lifetime.ApplicationStopping.Register(services.ExpectExits);
        foreach (var address in nodes.Addresses)
            Console.WriteLine($"  or {address}");
        if (services.Inventory is { } inventory)
            Console.WriteLine($"  its stock is kept at {inventory}");
        if (ownDatabase is not null)
            Console.WriteLine($"  inspect its store: ./millrace info --store '{ownDatabase}'");
        PrintSecrets(options);
        if (options.EndsWithInput)
            _ = StopWithParent(app);
        if (options.RetailFile is { } file)
            await Import(app.Services, file, app.Lifetime.ApplicationStopping);
        await app.WaitForShutdownAsync();
    }

    /// <summary>Prints where the demonstration keeps the secrets that production gets from elsewhere.</summary>
    private static void PrintSecrets(ShopOptions options)
    {
        Console.WriteLine($"  its customers' keys: {TrustSetup.PlaceOfKeys(options)}");
        Console.WriteLine($"  their passphrase, and keys made for this demonstration: {options.SecretsFolder}");
        if (options.AllowsDemoSignIn)
            Console.WriteLine("  become clerk or manager: choose a role under \"Demo sign-in\" on the page");
    }

    /// <summary>Starts the payment service if needed. A shop without one can do everything except payments.</summary>
    private static async Task<ShopOptions> WithPayments(WebApplication app, ShopOptions options)
    {
        if (options.IsFurtherNode || options.RetailFile is not null || options.Role == ShopRole.Inventory)
            return options;
        try
        {
            var payments = app.Services.GetRequiredService<CardPaymentsAddress>();
            return options with
            {
                Payments = await payments.Find(app.Lifetime.ApplicationStopping),
                PaymentsSecret = payments.Secret,
            };
        }
        catch (CardPaymentsUnavailableException unavailable)
        {
            await Console.Error.WriteLineAsync(unavailable.Message);
            return options;
        }
    }

    private static async Task StopWithParent(WebApplication app)
    {
        await Console.In.ReadToEndAsync();
        app.Lifetime.StopApplication();
    }

    private static async Task Start(WebApplication app, ShopOptions options)
    {
        try
        {
            await app.StartAsync();
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            throw new IOException(
                $"Port {options.Port} is in use: choose another, or omit --port.", exception);
        }
    }

    private static async Task<ConsistencyToken> Import(
        IServiceProvider services, string file, CancellationToken cancellationToken)
    {
        var import = ActivatorUtilities.CreateInstance<RetailImport>(services, new RetailFile(file));
        var progress = ActivatorUtilities.CreateInstance<ProgressBar>(services, import);
        return await progress.Watch(import.Run(cancellationToken));
    }

    /// <summary>Returns 8080, or the next free port.</summary>
    private static int FreePort()
    {
        var taken = IPGlobalProperties
            .GetIPGlobalProperties()
            .GetActiveTcpListeners()
            .Select(listener => listener.Port)
            .ToHashSet();
        return Enumerable.Range(DefaultPort, 1_000).First(port => !taken.Contains(port));
    }
}
