using System.Security.Cryptography;
using Commerce.Access;
using Commerce.Announcements;
using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.Fulfilments;
using Commerce.Inventory;
using Commerce.Live;
using Commerce.Live.Stock;
using Commerce.Mailing;
using Commerce.Operating;
using Commerce.Payments;
using Commerce.Pricing;
using Commerce.Retail;
using Commerce.Services;
using Commerce.Services.Discovery;
using Commerce.SharedKernel;
using Commerce.Simulation;
using Commerce.Statistics;
using Commerce.Trust;

namespace Commerce;

/// <summary>Creates the application of the shop.</summary>
public static class ShopApplication
{
    /// <summary>One real second is twenty minutes of the simulated shop: a simulated day takes 72 seconds.</summary>
    private const double SimulatedSpeed = 1_200;

    /// <summary>Creates the shop with its API and its live page, on a port of this machine.</summary>
    /// <param name="add">Adds further services, such as a publisher; nothing by default.</param>
    public static WebApplication Create(ShopOptions options, int port, Action<WebApplicationBuilder>? add = null)
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory }
        );
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var secrets = AddShop(builder, options);
        builder.AddMillraceWebTelemetry(telemetry => telemetry.ServiceName = ServiceName(options));
        AddWeb(builder.Services, options, secrets);
        builder.Services.AddLiveStock(options, builder.Configuration);
        builder.Services.AddDiscovery(options);
        if (options.Simulates)
            AddSimulation(builder.Services, options.Seed);
        add?.Invoke(builder);
        var app = builder.Build();
        if (options.Role == ShopRole.Inventory)
            MapInventory(app, options);
        else
            MapWeb(app, options);
        return app;
    }

    /// <summary>Creates the shop without a web server: commands, events and read models.</summary>
    public static IHost CreateWithoutWeb(ShopOptions options)
    {
        var builder = Host.CreateApplicationBuilder();
        AddShop(builder, options);
        builder.AddMillraceTelemetry(telemetry => telemetry.ServiceName = ServiceName(options));
        return builder.Build();
    }

    private static ShopSecrets AddShop(IHostApplicationBuilder builder, ShopOptions options)
    {
        builder.AddMillraceConfiguration();
        builder
            .Logging.ClearProviders()
            .AddSimpleConsole(console => console.SingleLine = true)
            .SetMinimumLevel(LogLevel.Warning)
            // The keys of cookies are in the folder of the secrets, which only its owner can read.
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error)
            // The program prints a failed start as one sentence.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        var services = builder.Services;
        var secrets = new ShopSecrets(options.SecretsFolder);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new ShopClock(TimeProvider.System, options.Simulates ? SimulatedSpeed : 1));
        services.AddSingleton<IDiscountPolicy>(VolumeDiscount.Default);
        services.AddSingleton<PricingService>();
        services.AddSingleton<Sales>();
        services.AddSingleton<RetailSummary>();
        services.AddSingleton<LiveFeed>();
        AddFulfilment(services, options);
        services.AddStock(options);
        services.AddMillrace(millrace =>
            UseStore(options, millrace)
                .UseCustomerKeys(options, secrets)
                .UseErasures(secrets)
                .UseAuditTrail(secrets)
                .UseRetention()
                .UseShopAlerts(options, builder.Configuration)
                .UseMonitor()
                .UseKpiMonitor()
                .UseReports(secrets)
                .AddAccessControl(ShopRoles.Declare)
                .AddModel<Shop>()
                .CacheProducts()
                .AddView(new ProductCategories(), ProductCategoryJson.Default.ProductCategory)
                .AddModel(model => model
                    .ProtectClaims(CustomerHandlers.UsernameScope, subjectType: "customer")
                    .AttributeByStream("order")) // Old events of an order do not name their customer.
                .UseServices(options, builder.Configuration)
                .UseAnnouncements(options, builder.Configuration)
                .AddConsumer(provider => provider.GetRequiredService<LiveFeed>().Consumer())
                .AddCircuitBreaker(
                    HttpCardPayments.Circuit,
                    circuit => circuit.Counts = error => error is CardPaymentsUnavailableException)
                .ConfigureStore(store => store.Source = ServiceName(options))
                .ConfigureCommands(commands => commands.Retry = InventoryHandlers.Retry));
        return secrets;
    }

    private static string ServiceName(ShopOptions options) =>
        options.Broker is null ? "commerce" : Registration.NameOf(options.Role);

    /// <summary>Adds the payment service and the mailer: the configured ones, or the shop's own.</summary>
    private static void AddFulfilment(IServiceCollection services, ShopOptions options)
    {
        var secret = options.PaymentsSecret ?? Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        services.AddSingleton(provider => new OwnCardPayments(options, secret, provider));
        services.AddSingleton(provider => new CardPaymentsAddress(secret, options.Payments is { } named
            ? _ => new ValueTask<Uri>(named)
            : provider.GetRequiredService<OwnCardPayments>().Find));
        services.AddSingleton(new HttpClient());
        services.AddSingleton<ICardPayments, HttpCardPayments>();
        services.AddSingleton<FulfilmentLog>();
        services.AddSingleton<IMailer>(new DeduplicatingMailer(options.Smtp.Host is not null
            ? new SmtpMailer(options.Smtp, TimeProvider.System)
            : new MailFolder(Path.Combine(options.Data, "mail"), TimeProvider.System)));
    }

    /// <summary>Selects the storage: a file, or a database that many nodes share.</summary>
    private static MillraceBuilder UseStore(ShopOptions options, MillraceBuilder millrace) =>
        options.Database is { } database ? millrace.UsePostgreSql(database) : millrace.UseSqlite(options.StoreFile);

    private static void AddWeb(IServiceCollection services, ShopOptions options, ShopSecrets secrets)
    {
        services.AddMillraceProblemDetails();
        // No load balancer is in front of the demonstration. Others set Millrace:Drain:Delay.
        services.AddMillraceProbes(drain => drain.Delay = TimeSpan.Zero);
        services.AddOpenApi();
        services.AddSingleton<Dashboard>();
        services.AddSignIn(options, secrets);
    }

    private static void AddSimulation(IServiceCollection services, int seed)
    {
        services.AddSingleton(new Random(seed));
        services.AddSingleton<SimulatedRequestSender>();
        services.AddSingleton<SimulatedCustomers>();
        services.AddSingleton<SimulatedStaff>();
        services.AddHostedService<SimulatedShop>();
    }

    private static void MapWeb(WebApplication app, ShopOptions options)
    {
        UseOperators(app);
        app.UseDefaultFiles();
        app.UseStaticFiles();
        app.MapShop(options.Role);
        app.MapErasures(options.IsReadOnly);
        app.MapAuditProofs();
        app.MapDemoSession(options);
        app.MapPaymentWebhook();
        app.UseWebSockets();
        app.MapLive();
        app.MapLiveStock();
        MapOperators(app, options);
        app.MapOpenApi();
    }

    /// <summary>The inventory service has no page. A browser is redirected to the page of the order service.</summary>
    private static void MapInventory(WebApplication app, ShopOptions options)
    {
        UseOperators(app);
        app.MapStock();
        app.UseWebSockets();
        app.MapLiveStock();
        app.MapStockStates();
        app.MapDemoSession(options);
        app.MapGet("/", async (ServicePicker services, CancellationToken cancellationToken) =>
        {
            using var orders = await services.Pick(Registration.NameOf(ShopRole.Orders), cancellationToken);
            return Results.Redirect(orders.Instance.Url.ToString());
        }).ExcludeFromDescription();
        MapOperators(app, options);
        app.MapOpenApi();
    }

    private static void UseOperators(WebApplication app)
    {
        app.UsePageHeaders();
        app.UseMillraceProblemDetails();
        app.UseAuthentication();
        app.UseAuthorization();
    }

    private static void MapOperators(WebApplication app, ShopOptions options)
    {
        app.MapMillrace(operators =>
        {
            operators.AllowDecisions = !options.IsReadOnly;
            operators.Prefix = LocalUser.Routes;
        });
        app.MapMillraceConsole(console => console.Title = "The mill shop");
        app.MapMillraceProbes();
        app.MapMillraceMetrics();
        if (options.Broker is not null)
            app.MapServices();
    }
}
