using System.Globalization;
using Commerce.Mailing;
using Commerce.Services;
using Commerce.Trust;

namespace Commerce;

/// <summary>The options of the command line.</summary>
public sealed record ShopOptions
{
    public const string Usage = """
        The Millrace shop.

          --data DIR          the directory of the store (default ./data), in the file shop.db; an existing store is used
          --postgres [URL]    keeps the store in a PostgreSQL database, such as postgres://user@host/database. Without URL, the
                              shop starts its own PostgreSQL under --data, if it is installed
          --nodes N           with --postgres: N processes that share the work, from 1 to 16. The first one runs the simulated
                              customers or the import; the others use the next ports
          --services BROKER [ADDRESS]
                              runs orders and inventory as two services, each with its own store, connected by a broker:
                              rabbitmq, kafka or redis. The stores are orders.db and inventory.db in --data; the services find
                              each other through registry.db there. Without ADDRESS, such as amqp://localhost, the shop starts
                              its own RabbitMQ or Redis under --data, if it is installed. With --postgres the stores are two
                              databases of the PostgreSQL under --data
          --role ROLE         with --services and ADDRESS: runs one of the two services, orders or inventory; with
                              --postgres URL on its own database
          --etcd URL          with --services: the registry of services is in etcd instead of registry.db in --data
          --stock-lock WHERE  locks stock before each change; the locks are kept in the store or in redis
                              (Millrace__Redis__Address, or the broker). Without it, a command that loses a conflict decides
                              again with the current stock
          --secrets DIR       the folder of the passphrase and the signing keys (default "secrets" in --data);
                              missing files are created. The environment variable MILLRACE_SHOP_PASSPHRASE replaces the passphrase
          --keys URL          the PostgreSQL database of the customers' keys, which must not be that of the store; by
                              default a file beside the store, or a database of the private PostgreSQL
          --no-demo-sign-in   nobody can sign in by choosing a role without a password; this is the default with --secrets or
                              MILLRACE_SHOP_PASSPHRASE, unless --demo-sign-in allows it
          --port N            the port of the live page and the API (default 8080 or the next free one; 0 for any)
          --no-simulation     no simulated customers
          --seed N            the seed of the simulated customers (default 1)
          --look-only         read-only operator: shows dead letters and read models, and allows no decisions
          --payments URL      the payment service, such as http://127.0.0.1:8090; its secret is in the environment variable
                              CARD_PAYMENTS_SECRET. Without it, the shop starts its own payment service
          --smtp HOST:PORT    the mail server; without it, mail is written to the folder "mail" in --data
          --smtp-tls MODE     how the connection is encrypted: none (default), available (STARTTLS if the server offers it),
                              required (STARTTLS) or implicit (TLS from the start)
          --smtp-ca FILE      a PEM file with certificates to trust in addition to those of the system
          --smtp-user NAME    the user name, with --smtp-tls required or implicit; the password is in the environment variable
                              MILLRACE_SHOP_SMTP_PASSWORD
          --smtp-timeout N    the maximum time for one mail, in seconds (default 20)
          --retail FILE       imports an "Online Retail" file, .csv or .csv.gz, and then serves, without simulated customers;
                              its first line contains the columns InvoiceNo, StockCode, Description, Quantity, InvoiceDate,
                              UnitPrice, CustomerID and Country, in any order
          --summary           with --retail: prints the totals of the read models as one JSON object, and exits
          --help              this text
        """;

    /// <summary>The environment variable with the database of a further node.</summary>
    internal const string DatabaseVariable = "MILLRACE_SHOP_DATABASE";

    /// <summary>The environment variable with the secret of the payment service.</summary>
    internal const string SecretVariable = "CARD_PAYMENTS_SECRET";

    /// <summary>The environment variable with the broker's address for a service that another program starts.</summary>
    internal const string BrokerVariable = "MILLRACE_SHOP_BROKER";

    /// <summary>The environment variable with the password for the mail server.</summary>
    internal const string SmtpPasswordVariable = "MILLRACE_SHOP_SMTP_PASSWORD";

    private const int MaxSmtpTimeout = 3_600;

    private const int MaxNodes = 16;

    /// <summary>The environment variable with the database of the keys, for a program that another starts.</summary>
    internal const string KeysVariable = "MILLRACE_SHOP_KEYS";

    public string Data { get; init; } = "./data";

    /// <summary>The folder of the secrets; null for a folder in <see cref="Data"/>.</summary>
    public string? Secrets { get; init; }

    /// <summary>The folder of the secrets.</summary>
    public string SecretsFolder => Secrets ?? Path.Combine(Data, "secrets");

    /// <summary>Whether users can sign in without a password; null for <see cref="AllowsDemoSignIn"/>.</summary>
    public bool? DemoSignIn { get; init; }

    /// <summary>True when users can sign in without a password: by default, only with the secrets of the
    /// demonstration.</summary>
    public bool AllowsDemoSignIn => DemoSignIn ?? (Secrets is null && !ShopSecrets.IsPassphraseGiven);

    /// <summary>The connection string of the database of the keys; null for <see cref="KeysFile"/>.</summary>
    public string? Keys { get; init; }

    /// <summary>The path of the keys, if they are in a file.</summary>
    public string KeysFile => Path.ChangeExtension(StoreFile, ".keys.db");

    /// <summary>True when the store is in PostgreSQL.</summary>
    public bool UsesPostgres { get; init; }

    /// <summary>The connection string of the database; null when the shop starts its own server.</summary>
    public string? Database { get; init; }

    /// <summary>The number of processes that share the work.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>True when another process started this process as a further node.</summary>
    public bool IsFurtherNode { get; init; }

    /// <summary>The broker between the services; null when the shop is one program.</summary>
    public ShopBroker? Broker { get; init; }

    /// <summary>The address of the broker; null when the shop starts its own.</summary>
    public string? BrokerAddress { get; init; }

    /// <summary>The part of the shop that this program runs; a whole shop with <see cref="Broker"/> starts both
    /// services.</summary>
    public ShopRole Role { get; init; }

    /// <summary>The registry of services in etcd; null for a file that the services share.</summary>
    public Uri? Etcd { get; init; }

    /// <summary>The storage of stock locks; null for no locks.</summary>
    public StockLockProvider? StockLock { get; init; }

    /// <summary>
    /// True when another program started this program, which then stops when its standard input closes.
    /// </summary>
    public bool EndsWithInput { get; init; }

    /// <summary>The path of the store, if the store is a file.</summary>
    public string StoreFile => Path.Combine(Data, Role switch
    {
        ShopRole.Orders => "orders.db",
        ShopRole.Inventory => "inventory.db",
        _ => "shop.db",
    });

    /// <summary>The port; null for 8080 or the next free one.</summary>
    public int? Port { get; init; }

    public bool Simulates { get; init; } = true;

    public int Seed { get; init; } = 1;

    /// <summary>True when operators cannot change anything.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The payment service; null when the shop starts its own.</summary>
    public Uri? Payments { get; init; }

    /// <summary>The secret that signs the messages of the payment service; null when the shop generates one.</summary>
    public string? PaymentsSecret { get; init; }

    /// <summary>The mail server; without a host, mail goes into a folder.</summary>
    public SmtpOptions Smtp { get; init; } = new();

    public string? RetailFile { get; init; }

    public bool IsSummary { get; init; }

    public bool IsHelp { get; init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ArgumentException">The arguments do not match <see cref="Usage"/>.</exception>
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
                    Keys = Environment.GetEnvironmentVariable(KeysVariable),
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
                    Keys = Environment.GetEnvironmentVariable(KeysVariable),
                    UsesPostgres = Environment.GetEnvironmentVariable(DatabaseVariable) is not null,
                },
                "--etcd" => options with { Etcd = Service(name, Value()) },
                "--stock-lock" => options with { StockLock = OneOf<StockLockProvider>(name, Value()) },
                "--secrets" => options with { Secrets = Value() },
                "--demo-sign-in" => options with { DemoSignIn = true },
                "--no-demo-sign-in" => options with { DemoSignIn = false },
                "--keys" => options with { Keys = Value() },
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
            { IsSummary: true, RetailFile: null } => throw new ArgumentException("--summary needs --retail FILE."),
            { Nodes: 0 } => throw new ArgumentException("--nodes needs at least 1."),
            { Nodes: > 1, UsesPostgres: false } => throw new ArgumentException(
                "--nodes needs --postgres: a file is used by one process that serves."),
            { Broker: not null, Nodes: > 1 } or { Broker: not null, RetailFile: not null } =>
                throw new ArgumentException(
                    "--services cannot be used with --nodes or --retail: each service is one program with its own "
                        + "store."
                ),
            { Broker: not null, Role: ShopRole.Whole, Database: not null } => throw new ArgumentException(
                "--services with a database needs --role: start each service separately, with its own database."),
            { Broker: not null, Role: not ShopRole.Whole, UsesPostgres: true, Database: null } =>
                throw new ArgumentException(
                    "--role with --postgres needs the database of that service: --postgres URL."),
            { Broker: null, Role: not ShopRole.Whole } or { Broker: null, Etcd: not null } =>
                throw new ArgumentException("--role and --etcd need --services BROKER."),
            { BrokerAddress: null, Role: not ShopRole.Whole } => throw new ArgumentException(
                "--role needs the address of the broker: --services BROKER ADDRESS."),
            { Payments: not null, PaymentsSecret: null or "" } => throw new ArgumentException(
                $"--payments needs the secret of the service in the environment variable {SecretVariable}."),
            { Smtp: { Host: null } smtp } when smtp != new SmtpOptions() => throw new ArgumentException(
                "--smtp-tls, --smtp-ca, --smtp-user and --smtp-timeout need --smtp HOST:PORT."),
            { Smtp: { User: not null, Security: SmtpSecurity.None or SmtpSecurity.Available } } =>
                throw new ArgumentException(
                    "--smtp-user needs --smtp-tls required or implicit: otherwise the password could be read on the "
                        + "network."
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

    private static int Number(string name, string text, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= max
            ? number
            : throw new ArgumentException($"{name} needs a number from 0 to {max}, not '{text}'.");
}
