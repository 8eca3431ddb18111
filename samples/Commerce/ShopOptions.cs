using System.Globalization;
using Commerce.Mailing;
using Commerce.Services;

namespace Commerce;

/// <summary>What the program was asked for on its command line.</summary>
public sealed record ShopOptions
{
    public const string Usage = """
        The Millrace shop.

          --data DIR          where the store is kept (default ./data), as shop.db; what is there is gone on with
          --postgres [URL]    keeps the store in a PostgreSQL database, such as postgres://user@host/database, instead; without
                              URL in a PostgreSQL of its own under --data, if one is installed
          --nodes N           with --postgres: N processes that share the work, from 1 to 16; the first has the simulated
                              customers or the import, the others the ports behind its own
          --services BROKER [ADDRESS]
                              runs orders and inventory as two services, each with a store of its own, and a broker between:
                              rabbitmq, kafka or redis. In --data there are orders.db and inventory.db, the store of each, and
                              registry.db, by which they find each other. Without ADDRESS, such as amqp://localhost, with a
                              RabbitMQ or Redis of its own under --data, if one is installed; with --postgres the stores are two
                              databases of the PostgreSQL under --data
          --role ROLE         with --services and ADDRESS: this program is one of the two, orders or inventory; with
                              --postgres URL on a database of its own
          --etcd URL          with --services: the two find each other in etcd, and not in the file registry.db of --data
          --stock-lock WHERE  who changes stock takes a lock first, kept in the store or in redis (Millrace__Redis__Address, or
                              the broker); without it the loser of a race decides again on what is left
          --port N            the port of the live page and the API (default 8080 or the next free one; 0 for any)
          --no-simulation     no simulated customers
          --seed N            the seed of the simulated customers (default 1)
          --look-only         who sits at this machine may look at dead letters and read models, and decide nothing
          --payments URL      the payment service, such as http://127.0.0.1:8090; without it the shop runs one of its own. Its
                              secret is in the environment's variable CARD_PAYMENTS_SECRET
          --smtp HOST:PORT    the mail server; without it mail is put into the folder "mail" of --data
          --smtp-tls MODE     how the connection is encrypted: none (default), available (STARTTLS if the server offers it),
                              required (STARTTLS) or implicit (TLS from the start)
          --smtp-ca FILE      a PEM file with certificates to trust in addition to those of the system
          --smtp-user NAME    the user name, with --smtp-tls required or implicit; the password is in the environment variable
                              MILLRACE_SHOP_SMTP_PASSWORD
          --smtp-timeout N    the maximum time for one mail, in seconds (default 20)
          --retail FILE       imports an "Online Retail" file, .csv or .csv.gz, and then serves, without simulated customers;
                              its first line names the columns InvoiceNo, StockCode, Description, Quantity, InvoiceDate,
                              UnitPrice, CustomerID and Country, in any order
          --summary           with --retail: prints what the read models say as one JSON object, and exits
          --help              this text
        """;

    /// <summary>The environment's variable in which a further node is told the database.</summary>
    internal const string DatabaseVariable = "MILLRACE_SHOP_DATABASE";

    /// <summary>The environment's variable with the secret of the payment service.</summary>
    internal const string SecretVariable = "CARD_PAYMENTS_SECRET";

    /// <summary>The environment's variable in which a service that another one starts is told the broker.</summary>
    internal const string BrokerVariable = "MILLRACE_SHOP_BROKER";

    /// <summary>The environment variable with the password for the mail server.</summary>
    internal const string SmtpPasswordVariable = "MILLRACE_SHOP_SMTP_PASSWORD";

    private const int MaxSmtpTimeout = 3_600;

    private const int MaxNodes = 16;

    public string Data { get; init; } = "./data";

    /// <summary>Whether the store is kept in PostgreSQL.</summary>
    public bool UsesPostgres { get; init; }

    /// <summary>The database; null for a server of the shop's own.</summary>
    public string? Database { get; init; }

    /// <summary>How many processes share the work.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>Whether another process started this one, as a further node.</summary>
    public bool IsFurtherNode { get; init; }

    /// <summary>What brings messages between services; null where the shop is one program.</summary>
    public ShopBroker? Broker { get; init; }

    /// <summary>Where the broker is; null for one of the shop's own.</summary>
    public string? BrokerAddress { get; init; }

    /// <summary>Which service this program is; the whole shop with <see cref="Broker"/> starts both.</summary>
    public ShopRole Role { get; init; }

    /// <summary>Where services find each other; null for a file that they share.</summary>
    public Uri? Etcd { get; init; }

    /// <summary>Where locks on stock are kept; null for no locks.</summary>
    public StockLockProvider? StockLock { get; init; }

    /// <summary>Whether another program started this one, which ends when its standard input does.</summary>
    public bool EndsWithInput { get; init; }

    /// <summary>The store, where it is a file.</summary>
    public string StoreFile => Path.Combine(Data, Role switch
    {
        ShopRole.Orders => "orders.db",
        ShopRole.Inventory => "inventory.db",
        _ => "shop.db",
    });

    /// <summary>Null for 8080 or the next free one.</summary>
    public int? Port { get; init; }

    public bool Simulates { get; init; } = true;

    public int Seed { get; init; } = 1;

    /// <summary>Whether operators may only look.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The payment service; null for one of the shop's own.</summary>
    public Uri? Payments { get; init; }

    /// <summary>What signs the messages of the payment service; null for a secret of the shop's own.</summary>
    public string? PaymentsSecret { get; init; }

    /// <summary>The mail server; without a host, mail goes into a folder.</summary>
    public SmtpOptions Smtp { get; init; } = new();

    public string? RetailFile { get; init; }

    public bool IsSummary { get; init; }

    public bool IsHelp { get; init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ArgumentException">It is not as <see cref="Usage"/> says.</exception>
    public static ShopOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new ShopOptions();
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            string Value() =>
                ++i < arguments.Count ? arguments[i] : throw new ArgumentException($"{name} needs a value.");
            string? OptionalValue() =>
                i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal)
                    ? arguments[++i]
                    : null;
            options = name switch
            {
                "--data" => options with { Data = Value() },
                "--postgres" => options with { UsesPostgres = true, Database = OptionalValue() },
                "--nodes" => options with { Nodes = Number(name, Value(), MaxNodes) },
                "--node-of-another" => options with
                {
                    IsFurtherNode = true,
                    EndsWithInput = true,
                    UsesPostgres = true,
                    Database = Environment.GetEnvironmentVariable(DatabaseVariable),
                },
                "--services" => options with
                {
                    Broker = OneOf<ShopBroker>(name, Value()),
                    BrokerAddress = OptionalValue() ?? Environment.GetEnvironmentVariable(BrokerVariable),
                },
                "--role" => options with { Role = OneOf<ShopRole>(name, Value()) },
                "--service-of-another" => options with
                {
                    EndsWithInput = true,
                    Database = Environment.GetEnvironmentVariable(DatabaseVariable),
                    UsesPostgres = Environment.GetEnvironmentVariable(DatabaseVariable) is not null,
                },
                "--etcd" => options with { Etcd = Service(name, Value()) },
                "--stock-lock" => options with { StockLock = OneOf<StockLockProvider>(name, Value()) },
                "--port" => options with { Port = Number(name, Value(), 65_535) },
                "--seed" => options with { Seed = Number(name, Value(), int.MaxValue) },
                "--look-only" => options with { IsReadOnly = true },
                "--no-simulation" => options with { Simulates = false },
                "--retail" => options with { RetailFile = Value(), Simulates = false },
                "--summary" => options with { IsSummary = true },
                "--help" or "-h" => options with { IsHelp = true },
                _ => ParseService(options, name, Value),
            };
        }

        return Checked(options);
    }

    /// <summary>Parses an option of the payment service or of the mail server.</summary>
    private static ShopOptions ParseService(ShopOptions options, string name, Func<string> value) => name switch
    {
        "--payments" => options with
        {
            Payments = Service(name, value()),
            PaymentsSecret = Environment.GetEnvironmentVariable(SecretVariable),
        },
        "--smtp" => options with { Smtp = Server(options.Smtp, value()) },
        "--smtp-tls" => options with
        {
            Smtp = options.Smtp with { Security = OneOf<SmtpSecurity>(name, value()) },
        },
        "--smtp-ca" => options with { Smtp = options.Smtp with { TrustedCertificates = value() } },
        "--smtp-user" => options with
        {
            Smtp = options.Smtp with
            {
                User = value(),
                Password = Environment.GetEnvironmentVariable(SmtpPasswordVariable),
            },
        },
        "--smtp-timeout" => options with
        {
            Smtp = options.Smtp with { Timeout = TimeSpan.FromSeconds(Number(name, value(), MaxSmtpTimeout)) },
        },
        _ => throw new ArgumentException($"{name} is not an option."),
    };

    private static ShopOptions Checked(ShopOptions options) =>
        options switch
        {
            { IsSummary: true, RetailFile: null } => throw new ArgumentException("--summary goes with --retail FILE."),
            { Nodes: 0 } => throw new ArgumentException("--nodes needs at least 1."),
            { Nodes: > 1, UsesPostgres: false } => throw new ArgumentException(
                "--nodes needs --postgres: a file is used by one process that serves."),
            { Broker: not null, Nodes: > 1 } or { Broker: not null, RetailFile: not null } =>
                throw new ArgumentException(
                    "--services goes without --nodes and --retail: each service is one "
                        + "program, with a store of its own."
                ),
            { Broker: not null, Role: ShopRole.Whole, Database: not null } => throw new ArgumentException(
                "--services with a database needs --role: start each service by itself, with a database of its own."),
            { Broker: not null, Role: not ShopRole.Whole, UsesPostgres: true, Database: null } =>
                throw new ArgumentException(
                    "--role with --postgres needs the database of that service: --postgres URL."),
            { Broker: null, Role: not ShopRole.Whole } or { Broker: null, Etcd: not null } =>
                throw new ArgumentException("--role and --etcd go with --services BROKER."),
            { BrokerAddress: null, Role: not ShopRole.Whole } => throw new ArgumentException(
                "--role needs the address of the broker: --services BROKER ADDRESS."),
            { Payments: not null, PaymentsSecret: null or "" } => throw new ArgumentException(
                $"--payments needs the secret of the service in the environment's variable {SecretVariable}."),
            { Smtp: { Host: null } smtp } when smtp != new SmtpOptions() => throw new ArgumentException(
                "--smtp-tls, --smtp-ca, --smtp-user and --smtp-timeout need --smtp HOST:PORT."),
            { Smtp: { User: not null, Security: SmtpSecurity.None or SmtpSecurity.Available } } =>
                throw new ArgumentException(
                    "--smtp-user needs --smtp-tls required or implicit: without, the password "
                        + "could be read on the network."
                ),
            { Smtp: { User: not null, Password: null or "" } } => throw new ArgumentException(
                $"--smtp-user needs the password in the environment variable {SmtpPasswordVariable}."),
            { Smtp.TrustedCertificates: { } file } when !File.Exists(file) => throw new ArgumentException(
                $"The file {file} of --smtp-ca does not exist."),
            { Smtp.Timeout.Ticks: 0 } => throw new ArgumentException("--smtp-timeout needs at least 1."),
            { RetailFile: { } file } when !File.Exists(file) => throw new ArgumentException(
                $"The file {file} does not exist."),
            _ => options,
        };

    private static T OneOf<T>(string name, string text)
        where T : struct, Enum =>
        Enum.TryParse<T>(text, ignoreCase: true, out var one) && !char.IsAsciiDigit(text[0])
            ? one
            : throw new ArgumentException(
                $"{name} needs one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}, not '{text}'.");

    private static Uri Service(string name, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new ArgumentException($"{name} needs an address such as http://127.0.0.1:8090, not '{text}'.");

    private static SmtpOptions Server(SmtpOptions smtp, string text) =>
        text.LastIndexOf(':') is > 0 and var colon
        && int.TryParse(text[(colon + 1)..], NumberStyles.None, null, out var port)
        && port is > 0 and <= 65_535
            ? smtp with
            {
                Host = text[..colon].Trim('[', ']'),
                Port = port,
            }
            : throw new ArgumentException($"--smtp needs a host and a port, such as localhost:25, not '{text}'.");

    private static int Number(string name, string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most
            ? number
            : throw new ArgumentException($"{name} needs a number from 0 to {most}, not '{text}'.");
}
