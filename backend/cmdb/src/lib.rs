//! CMDB: service groups, their instances, databases, quiet windows and closed times. Pure types, and the inventory file that they come from.
//!
//! * [`group`] what a service group is
//! * [`backup`] when a group is backed up, and for how long that is kept
//! * [`drift`] what its servers say beside what the inventory says
//! * [`front`] what stands in front of its servers: names, virtual IPs, proxies
//! * [`host`] the machines on which servers and proxies live
//! * [`window`] quiet windows
//! * [`label`] binds work to machines
//! * [`calendar`] closed times: peak hours and freezes
//! * [`inventory`] reads and checks the inventory file (TOML)
//! * [`sharded`] numbered tables that lie in several groups
//! * [`within`] which groups somebody may reach
//! * [`place`] what one group alone can have
//! * [`near`] the nearest known names to one that is not known

pub mod backup;
pub mod calendar;
pub mod drift;
pub mod front;
pub mod group;
pub mod host;
pub mod inventory;
pub mod label;
pub mod near;
pub mod place;
pub mod sharded;
pub mod window;
pub mod within;

pub use backup::BackupPlan;
pub use front::{DnsName, Hostgroups, Proxy, ProxyKind, Purpose, Vip};
pub use group::{FailoverPolicy, GroupId, GroupStage, Instance, InstanceState, ServiceGroup};
pub use host::{Host, Reach};
pub use place::{Place, places};
pub use sharded::{ShardedTable, Shards};
pub use window::QuietWindow;
pub use within::Within;
